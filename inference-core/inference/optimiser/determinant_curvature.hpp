// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "inference/optimiser/pair_traces.hpp"

namespace tramontana {

/**
 * Second derivatives of log|Q_c| - log|Q_p| - log|D| by theta, row-major d x d, from the sums over pairs of steps; for
 * models that have an exact Hessian.
 */
[[nodiscard]] std::vector<double> determinant_curvature(const PriorAtTheta& prior, const ModeGenerators& generators,
                                                        const PairTraces& sums);

}  // namespace tramontana

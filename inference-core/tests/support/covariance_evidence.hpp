// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "tramontana/engine_model.hpp"

namespace tramontana::testing {

/** Covariance of the field between two nodes, so many time steps apart. */
using FieldCovariance = std::function<double(std::size_t node, std::size_t other_node, int lag)>;

/**
 * log N(y; 0, A Sigma A' + X X' / p + W^-1/tau) of the only group of a Gaussian model, from covariances alone: no
 * precision and no recursion is involved.
 */
[[nodiscard]] double log_evidence_of_covariance(const EngineModel& model, const FieldCovariance& covariance,
                                                double noise_precision);

}  // namespace tramontana::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/block_kernels.hpp"
#include "matrix/block_sequence.hpp"

namespace tramontana {

/** The neighbours that have been eliminated before a step, as inverses of their Schur complements. */
struct Eliminated {
  const ConstBlockView* before = nullptr;  ///< S_{t-1}^-1
  const ConstBlockView* after = nullptr;   ///< R_{t+1}^-1
};

/**
 * Replaces `out` by (D_t - C_{t-1} S_{t-1}^-1 C_{t-1}' - C_t' R_{t+1}^-1 C_t)^-1, lower triangle: S_t^-1 with the steps
 * before eliminated, R_t^-1 with those after, Sigma_t with both.
 *
 * @return log determinant of what was inverted
 * @throws NotPositiveDefinite naming what was inverted, and the step
 */
double invert_schur_complement(const BlockSequence& sequence, const BlockKernels& kernels, std::size_t step,
                               const Eliminated& eliminated, BlockView out);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include "matrix/block_sequence.hpp"
#include "solver/side.hpp"
#include "solver/step_covariances.hpp"

namespace tramontana {

/** The steps of a side, eliminated from the outermost one inward. */
struct EliminatedSide {
  const BlockSequence& sequence;
  const BlockKernels& kernels;
  Side side;
  /** S_t^-1 on the left, R_t^-1 on the right, by the distance from the end. */
  std::function<ConstBlockView(std::size_t distance)> state;
};

/** Left: h_t = b_t - C_{t-1} S_{t-1}^-1 h_{t-1}; right: h_t = b_t - C_t' R_{t+1}^-1 h_{t+1}; in place, 2 n^2 a column.
 */
void sweep_inward(const EliminatedSide& eliminated, BlockVector& b);

/** What the innermost step adds to the right-hand side of the step ahead of it; `sum` is that step's. */
void add_to_step_ahead(const EliminatedSide& eliminated, const BlockVector& b, MatrixView sum);

/** Left: x_t = S_t^-1 (h_t - C_t' x_{t+1}); right: x_t = R_t^-1 (h_t - C_{t-1} x_{t-1}); the step ahead is solved. */
void sweep_outward(const EliminatedSide& eliminated, BlockVector& b);

/** Hands one step to `visit`, with its link to the step before, whose inverse without the steps after it is `before`.
 */
void visit_step(const BlockSequence& sequence, std::size_t step, ConstBlockView covariance, ConstBlockView before,
                const CovarianceVisitor& visit);

}  // namespace tramontana

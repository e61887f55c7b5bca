// SPDX-License-Identifier: Apache-2.0
#include "solver/side_sweeps.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "kernels/coupling_kernels.hpp"

namespace tramontana {
namespace {

/** sum -= C S^-1 h of the step at that distance, for the step ahead of it. */
void carry(const EliminatedSide& eliminated, const BlockVector& b, std::size_t distance, DenseMatrix& scaled,
           MatrixView sum) {
  const auto& [sequence, kernels, side, state] = eliminated;
  const std::size_t step = side.step(distance);
  kernels.symmetric_multiply(1.0, state(distance), b.block(step), 0.0, scaled.view());
  add_coupled(kernels, -1.0, sequence.coupling(side.coupling_ahead(step)), side.inward(), std::as_const(scaled).view(),
              sum);
}

}  // namespace

void sweep_inward(const EliminatedSide& eliminated, BlockVector& b) {
  const auto& side = eliminated.side;
  DenseMatrix scaled(b.block_size(), b.num_columns());
  for (std::size_t distance = 0; distance + 1 < side.length; ++distance) {
    carry(eliminated, b, distance, scaled, b.block(side.ahead(side.step(distance))));
  }
}

void add_to_step_ahead(const EliminatedSide& eliminated, const BlockVector& b, MatrixView sum) {
  if (eliminated.side.length == 0) return;
  DenseMatrix scaled(b.block_size(), b.num_columns());
  carry(eliminated, b, eliminated.side.length - 1, scaled, sum);
}

void sweep_outward(const EliminatedSide& eliminated, BlockVector& b) {
  const auto& [sequence, kernels, side, state] = eliminated;
  DenseMatrix scaled(b.block_size(), b.num_columns());
  for (std::size_t distance = side.length; distance-- > 0;) {
    const std::size_t step = side.step(distance);
    const auto block = b.block(step);
    add_coupled(kernels, -1.0, sequence.coupling(side.coupling_ahead(step)), side.outward(),
                std::as_const(b).block(side.ahead(step)), block);
    kernels.symmetric_multiply(1.0, state(distance), block, 0.0, scaled.view());
    std::copy_n(scaled.data(), scaled.rows() * scaled.columns(), block.data);
  }
}

void visit_step(const BlockSequence& sequence, std::size_t step, ConstBlockView covariance, ConstBlockView before,
                const CovarianceVisitor& visit) {
  const std::array<std::size_t, 1> steps{step};
  std::vector<CovarianceLink> links;
  if (step > 0) links.push_back({step, 1.0, covariance, before, &sequence.coupling(step - 1)});
  visit({steps, covariance, links});
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "kernels/backend.hpp"
#include "matrix/block_sequence.hpp"
#include "solver/forward_filter.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/** Covariances Sigma_tu between one step and those after it, all their entries. */
struct CovarianceRow {
  std::size_t step = 0;
  std::vector<Block> blocks;  ///< by step u; empty where they were not asked for

  [[nodiscard]] ConstBlockView at(std::size_t other) const { return blocks[other].view(); }
  [[nodiscard]] bool has(std::size_t other) const { return !blocks[other].empty(); }
};

/** A row and its neighbours, null beyond the first and the last step. */
struct CovarianceRows {
  const CovarianceRow* before = nullptr;  ///< of step t - 1
  const CovarianceRow* here = nullptr;
  const CovarianceRow* after = nullptr;  ///< of step t + 1
};

/** Steps `first` .. `last` - 1. */
struct StepRange {
  std::size_t first = 0;
  std::size_t last = 0;
};

/**
 * Covariances between all pairs of steps, Sigma_tu = -S_t^-1 C_t' Sigma_{t+1,u}, row by row from the last step to the
 * first. Three rows are held at a time. Each row has its Sigma_tt and Sigma_{t,t+1}, and those of the steps `columns`
 * that are still asked for.
 *
 * Cost: 2 n^3 flops a pair, and 3 n^3 a step.
 *
 * @param filter  of the sequence, with the states of all its steps: without a long run
 * @param visit   gives the end of the steps whose covariances with the steps before are still of use; it never rises
 * @throws Interrupted
 */
void for_each_covariance_row(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend,
                             StepRange columns, const CancellationToken* cancellation,
                             const std::function<std::size_t(const CovarianceRows&)>& visit);

/** Runs so many tasks of one size, two at a time where that is quicker. @throws Interrupted */
void run_in_pairs(const Backend& backend, std::size_t count, double flops_each, const CancellationToken* cancellation,
                  const std::function<void(std::size_t)>& task);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "solver/forward_filter.hpp"

namespace tramontana {

/**
 * Backward Schur complements R_t = D_t - C_t' R_{t+1}^-1 C_t, one at a time.
 *
 * Mirror symmetry: where couplings are symmetric and the tags run backward as they run forward, R_t is a state of the
 * forward filter and costs nothing. Beyond the first step where that fails the filter computes states of its own.
 * Within the long run of the forward filter, R_t is the fixed point.
 */
class BackwardFilter {
 public:
  BackwardFilter(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend,
                 const RecursionOptions& options);

  /** First step whose R is a state of the forward filter; num_blocks when none is. */
  [[nodiscard]] std::size_t borrowed_from() const { return borrowed_from_; }
  /** State that is R of a step from borrowed_from() on. */
  [[nodiscard]] int borrowed_state(std::size_t step) const { return borrowed_[step]; }

  /**
   * Work that must be done to advance to R_step, for borrowed_from() - 1 down to 0: nothing when the block is at hand.
   * It reads the present state and writes only a block of its own; commit() makes it the present one.
   */
  [[nodiscard]] std::function<void()> prepare(std::size_t step);

  /** Makes R of the prepared step the present state. */
  void commit();

  [[nodiscard]] int state() const { return state_; }
  [[nodiscard]] ConstBlockView inverse() const { return inverse_; }

 private:
  const BlockSequence& sequence_;
  const ForwardFilter& filter_;
  const Backend& backend_;
  SteadyStateDetector detector_;
  std::size_t borrowed_from_;
  std::vector<int> borrowed_;
  int next_own_state_;
  int state_ = -1;
  bool steady_ = false;
  std::pair<int, int> steady_tags_{-2, -2};
  std::pair<int, int> tags_{-2, -2};
  bool in_run_ = false;
  bool is_new_ = false;
  Block own_;
  Block next_;
  ConstBlockView inverse_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/backend.hpp"
#include "matrix/block_sequence.hpp"
#include "solver/inversion.hpp"
#include "solver/long_run.hpp"
#include "solver/recursion_options.hpp"
#include "solver/steady_state.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/** One distinct inverse Schur complement of the recursion. */
struct FilterState {
  Block inverse;  ///< S^-1, lower triangle
  double log_determinant = 0.0;
};

/**
 * Inverse Schur complements S_1 = D_1, S_{t+1} = D_{t+1} - C_t S_t^-1 C_t' of a block-tridiagonal matrix.
 *
 * Holds one block a distinct state, however many steps share it. Where equal steps converge slowly the longest run of
 * them is replaced by its fixed point (LongRun): all its steps then have the state R, and the difference to their own
 * states is accounted for in log_determinant() and solve().
 */
class ForwardFilter {
 public:
  /**
   * Runs the recursion; n^3 flops a distinct state.
   *
   * @throws NotPositiveDefinite with facts `block` and `pivot`
   * @throws Interrupted
   */
  ForwardFilter(const BlockSequence& sequence, const Backend& backend, const RecursionOptions& options,
                const CancellationToken* cancellation);

  [[nodiscard]] double log_determinant() const { return log_determinant_; }
  [[nodiscard]] std::size_t num_distinct() const { return states_.size(); }
  [[nodiscard]] int state_of(std::size_t step) const { return state_of_step_[step]; }
  /** S_t^-1, or R^-1 within the long run. */
  [[nodiscard]] ConstBlockView inverse(std::size_t step) const { return states_[index(step)].inverse.view(); }
  [[nodiscard]] ConstBlockView state_inverse(int state) const {
    return states_[static_cast<std::size_t>(state)].inverse.view();
  }
  /** First step that reused a converged state; num_blocks when none did. */
  [[nodiscard]] std::size_t steady_from() const { return steady_from_; }
  /** The run of equal steps that has its fixed point instead of states of its own; null when there is none. */
  [[nodiscard]] const LongRun* long_run() const { return long_run_ ? &*long_run_ : nullptr; }
  [[nodiscard]] bool is_in_long_run(std::size_t step) const {
    return long_run_ && step >= long_run_->steps.first && step <= long_run_->steps.last;
  }
  /** What happened, in a few words: "18 of 60 steps distinct, steady from step 17". */
  [[nodiscard]] std::string description() const;
  /** State that follows `previous` under these tags, or -1. */
  [[nodiscard]] int find(int diagonal_tag, int coupling_tag, int previous) const;

  /**
   * Solves Q x = b in place for several right-hand sides: two sweeps with the stored inverses, 4 n^2 flops a step and
   * column; twice that with a long run.
   */
  void solve(const BlockSequence& sequence, const Backend& backend, BlockVector& b) const;

 private:
  using Key = std::tuple<int, int, int>;  // diagonal tag, coupling tag, previous state

  [[nodiscard]] std::size_t index(std::size_t step) const { return static_cast<std::size_t>(state_of_step_[step]); }
  [[nodiscard]] int add_state(const Key& key, Block inverse, double log_determinant);
  /** Replaces the run by its fixed point if that is cheaper; false when it is not or the run turns out too short. */
  bool shorten(const BlockSequence& sequence, const EqualSteps& run, const Backend& backend,
               const RecursionOptions& options, const CancellationToken* cancellation);
  /** Both sweeps with the stored inverses, for a right-hand side that is zero before `first`. */
  void sweep(const BlockSequence& sequence, const Backend& backend, std::size_t first, BlockVector& b) const;
  /** x += alpha C (R^-1 - S^-1) C y for the first step of the run: S_first - R = C (R^-1 - S^-1) C. */
  void add_deviation(const BlockSequence& sequence, const Backend& backend, ConstMatrixView y, MatrixView x) const;

  std::vector<FilterState> states_;
  std::vector<int> state_of_step_;
  std::map<Key, int> transitions_;
  std::optional<LongRun> long_run_;
  double log_determinant_ = 0.0;
  std::size_t steady_from_ = 0;
};

}  // namespace tramontana

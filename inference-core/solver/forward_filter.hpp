// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/backend.hpp"
#include "matrix/block_sequence.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

struct RecursionOptions {
  /**
   * Elementwise relative error of diag(S_t^-1) at which equal steps are taken to have reached their steady state. The
   * remaining geometric series is part of the estimate. Zero switches the detection off; exact reuse remains.
   */
  double steady_state_tolerance = 1e-13;
};

/** One distinct inverse Schur complement of the recursion. */
struct FilterState {
  DenseMatrix inverse;  ///< S^-1, lower triangle
  double log_determinant = 0.0;
};

/**
 * Inverse Schur complements S_1 = D_1, S_{t+1} = D_{t+1} - C_t S_t^-1 C_t' of a block-tridiagonal matrix.
 *
 * Holds one block a distinct state, however many steps share it.
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
  [[nodiscard]] ConstMatrixView inverse(std::size_t step) const { return states_[index(step)].inverse.view(); }
  [[nodiscard]] ConstMatrixView state_inverse(int state) const {
    return states_[static_cast<std::size_t>(state)].inverse.view();
  }
  /** First step that reused a converged state; num_blocks when none did. */
  [[nodiscard]] std::size_t steady_from() const { return steady_from_; }
  /** What happened, in a few words: "18 of 60 steps distinct, steady from step 17". */
  [[nodiscard]] std::string description() const;
  /** State that follows `previous` under these tags, or -1. */
  [[nodiscard]] int find(int diagonal_tag, int coupling_tag, int previous) const;

  /**
   * Solves Q x = b in place for several right-hand sides: two sweeps with the stored inverses.
   */
  void solve(const BlockSequence& sequence, const Backend& backend, BlockVector& b) const;

 private:
  using Key = std::tuple<int, int, int>;  // diagonal tag, coupling tag, previous state

  [[nodiscard]] std::size_t index(std::size_t step) const { return static_cast<std::size_t>(state_of_step_[step]); }

  std::vector<FilterState> states_;
  std::vector<int> state_of_step_;
  std::map<Key, int> transitions_;
  double log_determinant_ = 0.0;
  std::size_t steady_from_ = 0;
};

/** Watches diag(S^-1) over equal steps and says when the geometric remainder is below the tolerance. */
class SteadyStateDetector {
 public:
  explicit SteadyStateDetector(double tolerance) : tolerance_(tolerance) {}

  /** Forgets the past: the next step has other tags than this one. */
  void reset() { previous_.clear(), change_ = -1.0; }

  /** Takes the diagonal of the state of the next equal step; true when it is converged. */
  bool observe(ConstMatrixView inverse);

 private:
  double tolerance_;
  double change_ = -1.0;
  std::vector<double> previous_;
};

/** Inverts `block` in place. @throws NotPositiveDefinite naming `what` and `step`. */
double invert_or_throw(const Backend& backend, MatrixView block, std::size_t step, const char* what);

}  // namespace tramontana

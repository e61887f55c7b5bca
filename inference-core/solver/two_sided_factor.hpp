// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "solver/factor.hpp"

namespace tramontana {

/**
 * Elimination from both ends to the step in the middle, m: S_1 .. S_{m-1} forward and R_T .. R_{m+1} backward,
 *   M = D_m - C S_{m-1}^-1 C' - C' R_{m+1}^-1 C,   log|Q| = sum log|S_t| + sum log|R_t| + log|M|,   Sigma_m = M^-1,
 * then outward: either side goes on with the recursion of the other one, which gives its Sigma_t.
 *
 * The two sides know nothing of each other but one block at the middle: they run in two lanes, T / 2 + T inversions
 * each, and hold T / 2 blocks each. Every step has states of its own, also where steps are equal: for those the forward
 * filter is the better order.
 */
class TwoSidedFactor : public Factor {
 public:
  /** Of two steps or more. @throws NotPositiveDefinite, Interrupted */
  TwoSidedFactor(const BlockSequence& sequence, const Backend& backend, const CancellationToken* cancellation);

  [[nodiscard]] double log_determinant() const override { return log_determinant_; }
  /** 4 n^2 flops a step and column, in two lanes. */
  void solve(BlockVector& b) const override;
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const override;
  [[nodiscard]] std::string description() const override;

 private:
  /** Eliminates the steps of one side from its end inward; the sum of their log determinants. */
  double eliminate_left();
  double eliminate_right();
  void sweep_left_inward(BlockVector& b) const;
  void sweep_right_inward(BlockVector& b) const;
  void sweep_left_outward(BlockVector& b) const;
  void sweep_right_outward(BlockVector& b) const;
  void throw_if_cancelled() const {
    if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
  }
  [[nodiscard]] ConstMatrixView inverse(std::size_t step) const { return inverses_[step].view(); }

  const BlockSequence& sequence_;
  const Backend& backend_;
  const CancellationToken* cancellation_;
  std::size_t middle_;
  /** S_t^-1 before the middle, Sigma_m, R_t^-1 after it. */
  std::vector<DenseMatrix> inverses_;
  double log_determinant_ = 0.0;
};

/** Time of either order on two threads, covariances included, in n^3 flops at the rate of gemm on one. */
struct OrderCost {
  double two_sided = 0.0;
  double forward = 0.0;  ///< with the cheaper of its selected inverses
  [[nodiscard]] bool two_sided_pays() const { return two_sided < forward; }
};

/**
 * Counts from the tags of the sequence alone, so that the choice is the same wherever it runs.
 *
 * Both orders take 3 T inversions where all steps differ. The forward one takes the first T of them one by one with
 * both threads inside each, which is 1.7 times as fast as one thread and not twice. Equal steps in a row are taken to
 * reach their steady state in a dozen: what comes after costs the forward order nothing, and so does the second half of
 * a sequence that reads the same backward.
 */
[[nodiscard]] OrderCost count_orders(const BlockSequence& sequence);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "solver/factor.hpp"
#include "solver/side_sweeps.hpp"

namespace tramontana {

/**
 * Elimination from both ends to the step in the middle, m: S_1 .. S_{m-1} forward and R_T .. R_{m+1} backward,
 *   M = D_m - C S_{m-1}^-1 C' - C' R_{m+1}^-1 C,   log|Q| = sum log|S_t| + sum log|R_t| + log|M|,   Sigma_m = M^-1,
 * then outward: either side goes on with the recursion of the other one, which gives its Sigma_t.
 *
 * The two sides know nothing of each other but one block at the middle and run in two lanes: T / 2 + T inversions each.
 * Every step has states of its own, also where steps are equal: for those the forward filter is the better order. On
 * several ranks the same order is that of WindowedFactor.
 */
class TwoSidedFactor : public Factor {
 public:
  /** @throws NotPositiveDefinite, Interrupted; InvalidModel for a single step */
  TwoSidedFactor(const BlockSequence& sequence, const Backend& backend, const CancellationToken* cancellation);

  [[nodiscard]] double log_determinant() const override { return log_determinant_; }
  /** 4 n^2 flops a step and column, in two lanes. */
  void solve(BlockVector& b) const override;
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const override;
  [[nodiscard]] std::string description() const override;

 private:
  /** A side on its way outward. */
  struct Lane;

  /** Does the work of both sides in two lanes. */
  void for_both(const std::function<void(const Side&)>& work, double flops_each) const;
  /** Eliminates the steps of a side from its end inward; the sum of their log determinants. */
  double eliminate(const Side& side);
  [[nodiscard]] EliminatedSide eliminated(const Side& side) const;
  /** The present covariance of a lane and its next state. */
  void advance(const Side& side, std::size_t step, Lane& lane) const;
  void throw_if_cancelled() const {
    if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
  }
  [[nodiscard]] Block new_block() const {
    return backend_.blocks().allocate(sequence_.block_size(), sequence_.block_size());
  }
  [[nodiscard]] ConstBlockView inverse(std::size_t step) const { return inverses_[step].view(); }

  const BlockSequence& sequence_;
  const Backend& backend_;
  const CancellationToken* cancellation_;
  std::size_t middle_;
  Side left_;
  Side right_;
  /** S_t^-1 before the middle, Sigma_m, R_t^-1 after it. */
  std::vector<Block> inverses_;
  double log_determinant_ = 0.0;
};

}  // namespace tramontana

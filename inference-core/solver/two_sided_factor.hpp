// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "communicator/communicator.hpp"
#include "solver/factor.hpp"
#include "solver/schur_step.hpp"

namespace tramontana {

/** The steps from one end of a sequence to the one before the middle. */
struct Side {
  bool is_left = true;
  std::size_t end = 0;
  std::size_t length = 0;

  /** The step at so many steps from the end. */
  [[nodiscard]] std::size_t step(std::size_t distance) const { return is_left ? end + distance : end - distance; }
  /** The next step towards the end, and towards the middle. */
  [[nodiscard]] std::size_t behind(std::size_t step) const { return is_left ? step - 1 : step + 1; }
  [[nodiscard]] std::size_t ahead(std::size_t step) const { return is_left ? step + 1 : step - 1; }
  /** Number of the coupling to that step. */
  [[nodiscard]] std::size_t coupling_behind(std::size_t step) const { return is_left ? step - 1 : step; }
  [[nodiscard]] std::size_t coupling_ahead(std::size_t step) const { return is_left ? step : step - 1; }
  /** How a coupling acts on what comes from the end, and on what comes from the middle. */
  [[nodiscard]] Transpose inward() const { return is_left ? Transpose::no : Transpose::yes; }
  [[nodiscard]] Transpose outward() const { return is_left ? Transpose::yes : Transpose::no; }
  [[nodiscard]] Eliminated eliminated(const ConstMatrixView* behind, const ConstMatrixView* ahead) const {
    return is_left ? Eliminated{behind, ahead} : Eliminated{ahead, behind};
  }
};

/**
 * Elimination from both ends to the step in the middle, m: S_1 .. S_{m-1} forward and R_T .. R_{m+1} backward,
 *   M = D_m - C S_{m-1}^-1 C' - C' R_{m+1}^-1 C,   log|Q| = sum log|S_t| + sum log|R_t| + log|M|,   Sigma_m = M^-1,
 * then outward: either side goes on with the recursion of the other one, which gives its Sigma_t.
 *
 * The two sides know nothing of each other but one block at the middle: on one rank they run in two lanes, on two ranks
 * each has one, T / 2 + T inversions and T / 2 blocks, and the two exchange a block once, and n numbers a column for
 * each solve. Every step has states of its own, also where steps are equal: for those the forward filter is the better
 * order.
 *
 * The calls are collective. Solutions are whole on either rank; covariances are visited where they are, the middle's on
 * rank 0: sums over visits are to be summed over the ranks.
 */
class TwoSidedFactor : public Factor {
 public:
  /**
   * @param ranks  one or two
   * @throws NotPositiveDefinite, Interrupted; InvalidModel for a single step or more ranks
   */
  TwoSidedFactor(const BlockSequence& sequence, const Backend& backend, const CancellationToken* cancellation,
                 Communicator ranks = {});

  [[nodiscard]] double log_determinant() const override { return log_determinant_; }
  /** 4 n^2 flops a step and column, in two lanes. */
  void solve(BlockVector& b) const override;
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const override;
  [[nodiscard]] std::string description() const override;

 private:
  /** A side on its way outward. */
  struct Lane;

  [[nodiscard]] bool is_alone() const { return ranks_.size() == 1; }
  [[nodiscard]] bool has(const Side& side) const { return is_alone() || side.is_left == ranks_.is_root(); }
  /** Does the work of both sides: in two lanes, or that of the one that this rank has. */
  void for_both(const std::function<void(const Side&)>& work, double flops_each) const;
  /** Eliminates the steps of a side from its end inward; the sum of their log determinants. */
  double eliminate(const Side& side);
  /** Gives the state beside the middle to the other rank, which needs it for M and for its way outward. */
  void exchange_states();
  void sweep_inward(const Side& side, BlockVector& b) const;
  void sweep_outward(const Side& side, BlockVector& b) const;
  /** What a side adds to the right-hand side of the middle. */
  void add_to_middle(const Side& side, const BlockVector& b, MatrixView sum) const;
  /** The present covariance of a lane and its next state. */
  void advance(const Side& side, std::size_t step, Lane& lane) const;
  void throw_if_cancelled() const {
    if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
  }
  [[nodiscard]] ConstMatrixView inverse(std::size_t step) const { return inverses_[step].view(); }

  const BlockSequence& sequence_;
  const Backend& backend_;
  const CancellationToken* cancellation_;
  Communicator ranks_;
  std::size_t middle_;
  Side left_;
  Side right_;
  /** S_t^-1 before the middle, Sigma_m, R_t^-1 after it; of the other rank's side only the one beside the middle. */
  std::vector<DenseMatrix> inverses_;
  double log_determinant_ = 0.0;
};

}  // namespace tramontana

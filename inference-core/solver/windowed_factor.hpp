// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "communicator/communicator.hpp"
#include "solver/factor.hpp"
#include "solver/side_sweeps.hpp"
#include "solver/state_chain.hpp"
#include "solver/window_layout.hpp"

namespace tramontana {

/**
 * Elimination from both ends to the step in the middle and out again, as TwoSidedFactor does it, with the steps in
 * windows on several ranks. On two ranks these are the two sides: T / 2 + T inversions and T / 2 blocks each, and one
 * block that crosses. On more, the windows of a side start at once, most of them cold, and are repaired (StateChain):
 * 3 T / P inversions a rank and those of the repairs, no fill-in and no reduced system.
 *
 * Every step has states of its own, also where steps are equal. A rank holds the states of its window in one
 * direction, and while covariances are visited in both where its side has several windows. Vectors are whole on every
 * rank.
 *
 * The calls are collective. Covariances are visited where they are: sums over visits are to be summed over the ranks
 * (visitors()).
 */
class WindowedFactor : public Factor {
 public:
  /**
   * @param ranks     two or more
   * @param num_left  windows left of the middle; none given: half of them. All of them: windows in one direction
   * @throws NotPositiveDefinite, Interrupted, on all ranks; InvalidModel for a single step
   */
  WindowedFactor(const BlockSequence& sequence, const Backend& backend, const CancellationToken* cancellation,
                 Communicator ranks, std::optional<int> num_left = {});

  WindowedFactor(const WindowedFactor&) = delete;
  WindowedFactor& operator=(const WindowedFactor&) = delete;

  [[nodiscard]] double log_determinant() const override { return log_determinant_; }
  /** 4 n^2 flops a step and column, the two sides at once, the windows of a side one after the other. */
  void solve(BlockVector& b) const override;
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const override;
  [[nodiscard]] std::string description() const override;
  [[nodiscard]] Communicator visitors() const override { return ranks_; }

 private:
  [[nodiscard]] const Window& window() const { return layout_.windows[static_cast<std::size_t>(ranks_.rank())]; }
  [[nodiscard]] const Side& side() const { return window().side; }
  [[nodiscard]] bool has_middle() const { return ranks_.rank() == layout_.middle_rank; }
  [[nodiscard]] bool has_right() const { return layout_.right_rank.has_value(); }
  /** Those beside the middle give each other their last state. */
  void exchange_beside_the_middle();
  /** Sigma of the middle and log|M|. */
  double invert_middle();
  /** S_{t-1}^-1 on the left of a step of this window, R_{t+1}^-1 on the right; null at the very end. */
  [[nodiscard]] std::optional<ConstBlockView> behind(std::size_t distance) const;
  [[nodiscard]] EliminatedSide eliminated() const;
  void throw_if_cancelled() const {
    if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
  }

  /** The chain outward from the middle, ready to run. */
  [[nodiscard]] StateChain outward_chain() const;
  /** The middle with its own side not yet eliminated: the state from which the way outward begins. */
  [[nodiscard]] Block state_of_middle() const;
  /** Whether its side has no other window: nobody waits for its states, and none need be kept on the way outward. */
  [[nodiscard]] bool is_alone_on_its_side() const { return window().is_beside_the_middle && !window().outer; }
  [[nodiscard]] Block new_block() const {
    return backend_.blocks().allocate(sequence_.block_size(), sequence_.block_size());
  }
  /** Sigma of a step, given the state ahead of it. */
  void emit(std::size_t distance, ConstBlockView ahead, BlockView covariance, const CovarianceVisitor& visit) const;

  const BlockSequence& sequence_;
  const Backend& backend_;
  const CancellationToken* cancellation_;
  Communicator ranks_;
  WindowLayout layout_;
  StateChain inward_;  ///< S_t^-1 on the left, R_t^-1 on the right
  Block opposite_;     ///< R_{m+1}^-1 on the left of the middle, S_{m-1}^-1 on the right
  Block middle_;       ///< Sigma_m, where the middle is
  double log_determinant_ = 0.0;
  std::size_t num_repaired_ = 0;  ///< at most, of any rank
};

}  // namespace tramontana

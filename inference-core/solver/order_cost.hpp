// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "matrix/block_sequence.hpp"

namespace tramontana {

/** Time of the orders, covariances included, in n^3 flops at the rate of gemm on one thread. */
struct OrderCost {
  double two_sided = 0.0;      ///< on two threads
  double forward = 0.0;        ///< on two threads, with the cheaper of its selected inverses
  double forward_alone = 0.0;  ///< on one
  double step = 0.0;           ///< of one step with two neighbours: three inversions and their congruences
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

/**
 * Time of one factorisation with covariances on that many ranks: in windows, or on each rank for itself where that is
 * quicker. Windows beyond two repair the states of `repaired_steps` steps twice.
 */
struct RanksCost {
  double time = 0.0;  ///< in n^3 flops at the rate of gemm on one thread
  bool is_windowed = false;
};
[[nodiscard]] RanksCost count_on_ranks(const OrderCost& cost, std::size_t num_steps, int num_ranks);

/** How ranks share evaluations that do not depend on each other: so many at once, each on size / num_groups ranks. */
struct RankSplit {
  int num_groups = 1;
  double time = 0.0;        ///< of all evaluations, in the units of OrderCost
  double time_alone = 0.0;  ///< on one rank
};

/** The split that is done first; of equals the one with the most evaluations at once. */
[[nodiscard]] RankSplit split_ranks(const OrderCost& cost, std::size_t num_steps, std::size_t num_jobs, int num_ranks);

}  // namespace tramontana

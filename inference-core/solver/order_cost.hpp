// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "matrix/block_sequence.hpp"

namespace tramontana {

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

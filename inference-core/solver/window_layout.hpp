// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "solver/side.hpp"

namespace tramontana {

/** The steps that one rank has, and the ranks beside it on the same side of the middle. */
struct Window {
  Side side;                 ///< of length 0 for a rank without steps
  std::optional<int> outer;  ///< rank of the window next to it outward
  std::optional<int> inner;  ///< and inward; none beside the middle
  bool is_beside_the_middle = false;
};

/**
 * Who has which steps: windows as equal as can be, the first ones left of the middle step in the order of the ranks,
 * the others right of it. The last rank on the left has the middle as well.
 */
struct WindowLayout {
  std::size_t middle = 0;
  std::vector<Window> windows;  ///< one a rank
  std::size_t num_active = 0;   ///< ranks that have steps

  /** Rank that has the middle, and the rank right of it; none where the right side is empty. */
  int middle_rank = 0;
  std::optional<int> right_rank;
};

/**
 * @param num_steps  two or more; ranks beyond num_steps - 1 have no steps
 * @param num_left   windows left of the middle; none given: half of them
 */
[[nodiscard]] WindowLayout lay_out_windows(std::size_t num_steps, int num_ranks, std::optional<int> num_left = {});

}  // namespace tramontana

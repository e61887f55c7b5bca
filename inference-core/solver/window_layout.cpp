// SPDX-License-Identifier: Apache-2.0
#include "solver/window_layout.hpp"

#include <algorithm>

namespace tramontana {

WindowLayout lay_out_windows(std::size_t num_steps, int num_ranks, std::optional<int> num_left) {
  WindowLayout layout;
  const std::size_t shared = num_steps - 1;
  layout.num_active = std::min(static_cast<std::size_t>(num_ranks), shared);
  const std::size_t left = std::clamp<std::size_t>(
      num_left ? static_cast<std::size_t>(*num_left) : (layout.num_active + 1) / 2, 1, layout.num_active);
  layout.windows.resize(static_cast<std::size_t>(num_ranks));
  layout.middle_rank = static_cast<int>(left) - 1;
  std::size_t next = 0;
  for (std::size_t rank = 0; rank < layout.num_active; ++rank) {
    if (rank == left) layout.middle = next++;
    // The ranks beside the middle have most to do there: what does not divide goes to the others first.
    const std::size_t length = shared / layout.num_active + (rank < shared % layout.num_active ? 1 : 0);
    auto& window = layout.windows[rank];
    const bool is_left = rank < left;
    const int own = static_cast<int>(rank);
    window.side = {is_left, is_left ? next : next + length - 1, length};
    next += length;
    window.is_beside_the_middle = rank + 1 == left || rank == left;
    if (is_left && rank > 0) window.outer = own - 1;
    if (!is_left && rank + 1 < layout.num_active) window.outer = own + 1;
    if (!window.is_beside_the_middle) window.inner = is_left ? own + 1 : own - 1;
  }
  if (left == layout.num_active) {
    layout.middle = num_steps - 1;
  } else {
    layout.right_rank = static_cast<int>(left);
  }
  return layout;
}

}  // namespace tramontana

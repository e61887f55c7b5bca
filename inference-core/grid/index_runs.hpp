// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include "grid/prepared_grid.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/**
 * The indices of the transform in runs of a fixed number. Runs are computed side by side, and what they sum is added in
 * their order: results do not depend on threads.
 */
class IndexRuns {
 public:
  IndexRuns(const PreparedGrid& grid, const CancellationToken* cancellation)
      : grid_(grid), cancellation_(cancellation) {}

  [[nodiscard]] std::size_t size() const { return (grid_.num_cells() + run_length - 1) / run_length; }
  /** Calls with (run, index) for each index; those of one run one after the other. @throws Interrupted */
  void for_each(const std::function<void(std::size_t, std::size_t)>& at_index) const;

 private:
  static constexpr std::size_t run_length = 64;

  const PreparedGrid& grid_;
  const CancellationToken* cancellation_;
};

}  // namespace tramontana

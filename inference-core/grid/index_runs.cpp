// SPDX-License-Identifier: Apache-2.0
#include "grid/index_runs.hpp"

#include <algorithm>
#include <vector>

namespace tramontana {

void IndexRuns::for_each(const std::function<void(std::size_t, std::size_t)>& at_index) const {
  std::vector<std::function<void()>> tasks;
  for (std::size_t run = 0; run < size(); ++run) {
    tasks.emplace_back([this, run, &at_index] {
      const std::size_t end = std::min((run + 1) * run_length, grid_.num_cells());
      for (std::size_t index = run * run_length; index < end; ++index) {
        if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
        at_index(run, index);
      }
    });
  }
  const double m = static_cast<double>(grid_.rows().size());
  grid_.backend().tasks().run_independent(tasks, static_cast<double>(run_length) * m * m * (m + 10.0));
}

}  // namespace tramontana

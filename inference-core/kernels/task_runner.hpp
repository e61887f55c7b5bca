// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

namespace tramontana {

/** Runs tasks made of a backend's kernels that do not depend on each other. */
class TaskRunner {
 public:
  virtual ~TaskRunner() = default;

  /**
   * Runs all of them, at the same time where that is quicker than one after the other with all threads. The results do
   * not depend on that choice beyond rounding; an exception of the first failing task is rethrown.
   *
   * @param flops_each  size of one task
   */
  virtual void run_independent(std::span<const std::function<void()>> tasks, double flops_each) const = 0;
};

}  // namespace tramontana

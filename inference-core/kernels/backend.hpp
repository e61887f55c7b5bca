// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "kernels/block_kernels.hpp"
#include "kernels/dense_algebra.hpp"
#include "kernels/task_runner.hpp"

namespace tramontana {

/**
 * Where an engine computes: what is done to blocks, where they live; the algebra of host matrices; and how independent
 * tasks run. A backend outlives what was made with it.
 */
class Backend {
 public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual const BlockKernels& blocks() const = 0;
  [[nodiscard]] virtual const DenseAlgebra& dense() const = 0;
  [[nodiscard]] virtual const TaskRunner& tasks() const = 0;
};

}  // namespace tramontana

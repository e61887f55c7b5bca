// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/backend.hpp"
#include "reference/reference_algebra.hpp"
#include "reference/reference_kernels.hpp"

namespace tramontana {

/** Plain loops: the truth that every other backend is compared with. For small matrices only. */
class ReferenceBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "reference"; }
  [[nodiscard]] const BlockKernels& blocks() const override { return blocks_; }
  [[nodiscard]] const DenseAlgebra& dense() const override { return algebra_; }
  [[nodiscard]] const TaskRunner& tasks() const override { return tasks_; }

 private:
  /** One after the other. */
  class Runner final : public TaskRunner {
   public:
    void run_independent(std::span<const std::function<void()>> tasks, double /*flops_each*/) const override {
      for (const auto& task : tasks) task();
    }
  };

  ReferenceKernels blocks_;
  ReferenceAlgebra algebra_;
  Runner tasks_;
};

}  // namespace tramontana

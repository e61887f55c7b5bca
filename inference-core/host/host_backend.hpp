// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/host_algebra.hpp"
#include "host/host_kernels.hpp"
#include "kernels/backend.hpp"

namespace tramontana {

/** BLAS and LAPACK on the processor, with the threads that set_num_threads() allows. */
class HostBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "host"; }
  [[nodiscard]] const BlockKernels& blocks() const override { return blocks_; }
  [[nodiscard]] const DenseAlgebra& dense() const override { return algebra_; }
  [[nodiscard]] const TaskRunner& tasks() const override { return tasks_; }

 private:
  class Runner final : public TaskRunner {
   public:
    void run_independent(std::span<const std::function<void()>> tasks, double flops_each) const override;
  };

  HostKernels blocks_;
  HostAlgebra algebra_;
  Runner tasks_;
};

/** Threads of BLAS in this process. @throws InvalidModel unless num_threads is in 1..1024. */
void set_blas_threads(int num_threads);

/** The present number stays that of the calling thread. */
void fix_blas_threads();

}  // namespace tramontana

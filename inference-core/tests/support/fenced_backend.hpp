// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "host/host_backend.hpp"
#include "kernels/observed_kernels.hpp"
#include "matrix/block.hpp"

namespace tramontana::testing {

/**
 * Memory that this process may not touch unless a gate is open: whoever does is ended by the system. New memory is full
 * of NaN.
 */
class FencedMemory final : public BlockStore {
 public:
  explicit FencedMemory(std::size_t capacity_bytes);
  ~FencedMemory() override;
  FencedMemory(const FencedMemory&) = delete;
  FencedMemory& operator=(const FencedMemory&) = delete;

  /** Open as long as one of these is alive. */
  class Gate {
   public:
    explicit Gate(FencedMemory& memory) : memory_(memory) { memory_.move_gate(1); }
    ~Gate() { memory_.move_gate(-1); }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

   private:
    FencedMemory& memory_;
  };

  [[nodiscard]] double* allocate(std::size_t count) override;
  void release(double* memory, std::size_t count) noexcept override;

 private:
  void move_gate(int change);

  std::mutex mutex_;
  double* begin_ = nullptr;
  std::size_t capacity_ = 0;  ///< numbers
  std::size_t used_ = 0;
  int num_open_ = 0;
  std::map<std::size_t, std::vector<double*>> free_;  ///< by count
};

/**
 * The host's kernels on memory that nobody can touch outside of their calls, as if it were that of a device. Tasks run
 * one after the other, so that no call of one opens the gate for another.
 */
class FencedBackend final : public Backend {
 public:
  FencedBackend() : kernels_(host_.blocks()) {}

  [[nodiscard]] std::string_view name() const override { return "fenced"; }
  [[nodiscard]] const BlockKernels& blocks() const override { return kernels_; }
  [[nodiscard]] const DenseAlgebra& dense() const override { return host_.dense(); }
  [[nodiscard]] const TaskRunner& tasks() const override { return tasks_; }

  /** Calls of a kernel since the last reset. */
  [[nodiscard]] int num_calls(const std::string& kernel) const;
  void reset_calls();

 private:
  class Kernels final : public ObservedKernels {
   public:
    explicit Kernels(const BlockKernels& inner);
    [[nodiscard]] Block allocate(std::size_t rows, std::size_t columns) const override;

    mutable std::map<std::string, int, std::less<>> calls;

   protected:
    void around(std::string_view kernel, const std::function<void()>& call) const override;

   private:
    mutable FencedMemory memory_;
  };
  class Runner final : public TaskRunner {
   public:
    void run_independent(std::span<const std::function<void()>> tasks, double /*flops_each*/) const override {
      for (const auto& task : tasks) task();
    }
  };

  HostBackend host_;
  Kernels kernels_;
  Runner tasks_;
};

}  // namespace tramontana::testing

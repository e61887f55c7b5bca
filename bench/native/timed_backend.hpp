// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <mutex>

#include "kernels/backend.hpp"
#include "kernels/observed_kernels.hpp"
#include "measure.hpp"

namespace tramontana::bench {

/**
 * Another backend, whose block inversions are measured: n^3 flops each, against the time during which at least one of
 * them runs. Those that run side by side count that time once, as one dgemm with all threads does.
 */
class TimedBackend final : public Backend {
 public:
  explicit TimedBackend(const Backend& inner) : inner_(inner), kernels_(inner.blocks()) {}

  [[nodiscard]] double inversion_flops() const { return kernels_.flops; }
  [[nodiscard]] double inversion_seconds() const { return kernels_.seconds; }
  void reset() { kernels_.flops = 0.0, kernels_.seconds = 0.0; }

  [[nodiscard]] std::string_view name() const override { return inner_.name(); }
  [[nodiscard]] const BlockKernels& blocks() const override { return kernels_; }
  [[nodiscard]] const DenseAlgebra& dense() const override { return inner_.dense(); }
  [[nodiscard]] const TaskRunner& tasks() const override { return inner_.tasks(); }

 private:
  class TimedKernels final : public ObservedKernels {
   public:
    using ObservedKernels::ObservedKernels;

    [[nodiscard]] InversionOutcome invert_positive_definite(BlockView a) const override {
      {
        const std::lock_guard lock(mutex_);
        flops += std::pow(static_cast<double>(a.rows()), 3);
        if (num_running_++ == 0) start_ = now_seconds();
      }
      auto outcome = inner().invert_positive_definite(a);
      const std::lock_guard lock(mutex_);
      if (--num_running_ == 0) seconds += now_seconds() - start_;
      return outcome;
    }

    mutable double flops = 0.0;
    mutable double seconds = 0.0;

   protected:
    void around(std::string_view /*kernel*/, const std::function<void()>& call) const override { call(); }

   private:
    mutable std::mutex mutex_;
    mutable int num_running_ = 0;
    mutable double start_ = 0.0;
  };

  const Backend& inner_;
  TimedKernels kernels_;
};

}  // namespace tramontana::bench

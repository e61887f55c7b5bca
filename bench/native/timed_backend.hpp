// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <mutex>

#include "kernels/backend.hpp"
#include "measure.hpp"

namespace tramontana::bench {

/**
 * Hands every kernel on to another backend and measures the block inversions: n^3 flops each, against the time during
 * which at least one of them runs. Those that run side by side count that time once, as one dgemm with all threads
 * does.
 */
class TimedBackend final : public Backend {
 public:
  explicit TimedBackend(const Backend& inner) : inner_(inner) {}

  [[nodiscard]] double inversion_flops() const { return flops_; }
  [[nodiscard]] double inversion_seconds() const { return seconds_; }
  void reset() { flops_ = 0.0, seconds_ = 0.0; }

  [[nodiscard]] std::string_view name() const override { return inner_.name(); }

  [[nodiscard]] InversionOutcome invert_positive_definite(MatrixView a) const override {
    {
      const std::lock_guard lock(mutex_);
      flops_ += std::pow(static_cast<double>(a.rows), 3);
      if (num_running_++ == 0) start_ = now_seconds();
    }
    auto outcome = inner_.invert_positive_definite(a);
    const std::lock_guard lock(mutex_);
    if (--num_running_ == 0) seconds_ += now_seconds() - start_;
    return outcome;
  }

  void run_independent(std::span<const std::function<void()>> tasks, double flops_each) const override {
    inner_.run_independent(tasks, flops_each);
  }

  void symmetric_multiply(double alpha, ConstMatrixView a, ConstMatrixView b, double beta,
                          MatrixView c) const override {
    inner_.symmetric_multiply(alpha, a, b, beta, c);
  }
  void multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b,
                double beta, MatrixView c) const override {
    inner_.multiply(transpose_a, transpose_b, alpha, a, b, beta, c);
  }
  void symmetric_result_multiply(Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b, double beta,
                                 MatrixView c) const override {
    inner_.symmetric_result_multiply(transpose_b, alpha, a, b, beta, c);
  }
  void add_scaled_congruence(double alpha, std::span<const double> scale, ConstMatrixView m,
                             MatrixView out) const override {
    inner_.add_scaled_congruence(alpha, scale, m, out);
  }
  void add_diagonal_of_product(ConstMatrixView x, std::span<const double> w, ConstMatrixView y,
                               std::span<double> out) const override {
    inner_.add_diagonal_of_product(x, w, y, out);
  }
  [[nodiscard]] std::vector<double> symmetric_eigen(MatrixView a) const override { return inner_.symmetric_eigen(a); }

 private:
  const Backend& inner_;
  mutable std::mutex mutex_;
  mutable int num_running_ = 0;
  mutable double start_ = 0.0;
  mutable double flops_ = 0.0;
  mutable double seconds_ = 0.0;
};

}  // namespace tramontana::bench

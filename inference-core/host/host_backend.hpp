// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/backend.hpp"

namespace tramontana {

/** BLAS and LAPACK on the processor, with the threads that set_num_threads() allows. */
class HostBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "host"; }
  [[nodiscard]] InversionOutcome invert_positive_definite(MatrixView a) const override;
  void symmetric_multiply(double alpha, ConstMatrixView a, ConstMatrixView b, double beta, MatrixView c) const override;
  void multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b,
                double beta, MatrixView c) const override;
  void symmetric_result_multiply(Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b, double beta,
                                 MatrixView c) const override;
  void add_scaled_congruence(double alpha, std::span<const double> scale, ConstMatrixView m,
                             MatrixView out) const override;
  void add_diagonal_of_product(ConstMatrixView x, std::span<const double> w, ConstMatrixView y,
                               std::span<double> out) const override;
  void run_independent(std::span<const std::function<void()>> tasks, double flops_each) const override;
  [[nodiscard]] std::vector<double> symmetric_eigen(MatrixView a) const override;
};

/** Threads of BLAS in this process. @throws InvalidModel unless num_threads is in 1..1024. */
void set_blas_threads(int num_threads);

/** The present number stays that of the calling thread. */
void fix_blas_threads();

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/backend.hpp"

namespace tramontana {

/** Plain loops: the truth that every other backend is compared with. For small matrices only. */
class ReferenceBackend final : public Backend {
 public:
  [[nodiscard]] std::string_view name() const override { return "reference"; }
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
  /** Cyclic Jacobi rotations [Golub2013]. */
  [[nodiscard]] std::vector<double> symmetric_eigen(MatrixView a) const override;
};

}  // namespace tramontana

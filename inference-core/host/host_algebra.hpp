// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/dense_algebra.hpp"

namespace tramontana {

/** BLAS and LAPACK, with the threads that set_num_threads() allows. */
class HostAlgebra final : public DenseAlgebra {
 public:
  [[nodiscard]] InversionOutcome invert_positive_definite(MatrixView a) const override;
  void symmetric_multiply(double alpha, ConstMatrixView a, ConstMatrixView b, double beta, MatrixView c) const override;
  void multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b,
                double beta, MatrixView c) const override;
  void symmetric_result_multiply(Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b, double beta,
                                 MatrixView c) const override;
  /** @throws InvalidModel where it does not converge */
  [[nodiscard]] std::vector<double> symmetric_eigen(MatrixView a) const override;
};

}  // namespace tramontana

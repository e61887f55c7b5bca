// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernels/inversion_outcome.hpp"
#include "matrix/dense.hpp"
#include "matrix/transpose.hpp"

namespace tramontana {

/**
 * Algebra of host matrices: of the order of theta or of a few right-hand sides. It is done on the processor, wherever
 * the blocks live.
 *
 * Symmetric matrices are read and written in their lower triangle only; the upper triangle is scratch.
 * Views never alias unless said so.
 */
class DenseAlgebra {
 public:
  virtual ~DenseAlgebra() = default;

  /** Replaces the symmetric `a` by its inverse; on failure `a` is undefined. n^3 flops (potrf + potri). */
  [[nodiscard]] virtual InversionOutcome invert_positive_definite(MatrixView a) const = 0;

  /** c = alpha * a * b + beta * c with symmetric `a` (symm). */
  virtual void symmetric_multiply(double alpha, ConstMatrixView a, ConstMatrixView b, double beta,
                                  MatrixView c) const = 0;

  /** c = alpha * op(a) * op(b) + beta * c (gemm). */
  virtual void multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstMatrixView a,
                        ConstMatrixView b, double beta, MatrixView c) const = 0;

  /** Lower triangle of c = alpha * a * op(b) + beta * c, where the product is known to be symmetric (gemmt). */
  virtual void symmetric_result_multiply(Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b,
                                         double beta, MatrixView c) const = 0;

  /** Eigenvalues (ascending) of the symmetric `a`, whose columns become the eigenvectors. */
  [[nodiscard]] virtual std::vector<double> symmetric_eigen(MatrixView a) const = 0;
};

}  // namespace tramontana

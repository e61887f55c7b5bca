// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "matrix/dense.hpp"

namespace tramontana {

enum class Transpose { no, yes };

/** Where a Cholesky factorisation broke down. */
struct PivotFailure {
  std::size_t pivot = 0;  ///< 0-based
  double value = 0.0;     ///< the pivot, after elimination of the ones before it
};

/** Outcome of an inversion: the log determinant, or the pivot that was not positive. */
struct InversionOutcome {
  double log_determinant = 0.0;
  std::optional<PivotFailure> failure;
};

/**
 * The dense block kernels that algorithms are written against; each backend implements all of them.
 *
 * Symmetric matrices are read and written in their lower triangle only; the upper triangle is scratch.
 * Views never alias unless said so.
 */
class Backend {
 public:
  virtual ~Backend() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;

  /** Replaces the symmetric `a` by its inverse; on failure `a` is undefined. n^3 flops (potrf + potri). */
  [[nodiscard]] virtual InversionOutcome invert_positive_definite(MatrixView a) const = 0;

  /** c = alpha * a * b + beta * c with symmetric `a` (symm). */
  virtual void symmetric_multiply(double alpha, ConstMatrixView a, ConstMatrixView b, double beta,
                                  MatrixView c) const = 0;

  /** c = alpha * op(a) * op(b) + beta * c (gemm). */
  virtual void multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstMatrixView a,
                        ConstMatrixView b, double beta, MatrixView c) const = 0;

  /** Lower triangle of c = alpha * a * b + beta * c, where the product is known to be symmetric (gemmt). */
  virtual void symmetric_result_multiply(Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b,
                                         double beta, MatrixView c) const = 0;

  /** out += alpha * diag(scale) * m * diag(scale) for symmetric m and out (hadamard). */
  virtual void add_scaled_congruence(double alpha, std::span<const double> scale, ConstMatrixView m,
                                     MatrixView out) const = 0;

  /**
   * out_i += sum_j x_ij y_ij w_j for symmetric x and y: the diagonal of x diag(w) y.
   */
  virtual void add_diagonal_of_product(ConstMatrixView x, std::span<const double> w, ConstMatrixView y,
                                       std::span<double> out) const = 0;

  /**
   * Runs independent tasks made of kernels, at the same time where that is quicker than one after the other with all
   * threads. The results do not depend on that choice beyond rounding; an exception of the first failing task is
   * rethrown.
   *
   * @param flops_each  size of one task
   */
  virtual void run_independent(std::span<const std::function<void()>> tasks, double flops_each) const = 0;

  /** Eigenvalues (ascending) of the symmetric `a`, whose columns become the eigenvectors. */
  [[nodiscard]] virtual std::vector<double> symmetric_eigen(MatrixView a) const = 0;
};

}  // namespace tramontana

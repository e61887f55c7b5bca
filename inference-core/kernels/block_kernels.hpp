// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "kernels/inversion_outcome.hpp"
#include "kernels/trace_terms.hpp"
#include "matrix/block.hpp"
#include "matrix/block_terms.hpp"
#include "matrix/coupling.hpp"
#include "matrix/dense.hpp"
#include "matrix/transpose.hpp"

namespace tramontana {

/** coefficient * op(C) m op(C)' for symmetric m. */
struct Congruence {
  double coefficient = -1.0;
  const Coupling* coupling = nullptr;
  Transpose transpose = Transpose::no;
  ConstBlockView inner;
};

/** How a block stands in an inner product: all its entries as they are, or a triangle for both. */
enum class Symmetry { general, symmetric };

/**
 * All that is done to blocks, where they live; each backend implements all of it. What enters or leaves by spans,
 * vectors and host matrices is on the host and small beside a block: n numbers, n rows of a few columns, a scalar.
 * Whole blocks cross only in upload() and download().
 *
 * Symmetric blocks are read and written in their lower triangle only; the upper triangle is scratch.
 * Views never alias unless said so. Calls are made from several threads, on blocks of their own or read only.
 */
class BlockKernels {
 public:
  virtual ~BlockKernels() = default;

  // Memory

  /** Not initialised; from a pool. */
  [[nodiscard]] virtual Block allocate(std::size_t rows, std::size_t columns) const = 0;
  virtual void upload(ConstMatrixView from, BlockView to) const = 0;
  [[nodiscard]] virtual SparseBlock upload(CsrMatrix matrix) const = 0;
  virtual void download(ConstBlockView from, MatrixView to) const = 0;
  /** All entries. */
  virtual void copy(ConstBlockView from, BlockView to) const = 0;
  virtual void zero(BlockView block) const = 0;
  /** to = from', all entries. */
  virtual void copy_transposed(ConstBlockView from, BlockView to) const = 0;

  // Entry by entry

  /** Lower triangle of out = alpha * op(x) + beta * out; with a beta of zero `out` is not read. */
  virtual void add_scaled(Transpose transpose, double alpha, ConstBlockView x, double beta, BlockView out) const = 0;
  /** Lower triangle of m <- diag(scale) m diag(scale). */
  virtual void scale_congruence(std::span<const double> scale, BlockView m) const = 0;
  /** Copies the lower triangle to the upper one. */
  virtual void mirror(BlockView m) const = 0;
  [[nodiscard]] virtual std::vector<double> diagonal(ConstBlockView m) const = 0;
  virtual void add_to_diagonal(std::span<const double> values, BlockView m) const = 0;

  /** Lower triangle of out = the sum of the terms + the congruences: a Schur complement in one go. */
  virtual void assemble(const BlockTerms& terms, std::span<const Congruence> congruences, BlockView out) const = 0;

  // Inversion and products

  /** Replaces the symmetric `a` by its inverse; on failure `a` is undefined. n^3 flops (potrf + potri). */
  [[nodiscard]] virtual InversionOutcome invert_positive_definite(BlockView a) const = 0;
  /** c = alpha * op(a) * op(b) + beta * c (gemm). */
  virtual void multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstBlockView a, ConstBlockView b,
                        double beta, BlockView c) const = 0;
  /** c = alpha * a * b + beta * c with symmetric `a` (symm). */
  virtual void symmetric_multiply(double alpha, ConstBlockView a, ConstBlockView b, double beta, BlockView c) const = 0;
  /** Lower triangle of c = alpha * a * op(b) + beta * c, where the product is known to be symmetric (gemmt). */
  virtual void symmetric_result_multiply(Transpose transpose_b, double alpha, ConstBlockView a, ConstBlockView b,
                                         double beta, BlockView c) const = 0;
  /** c = alpha * op(a) * b + beta * c with a sparse `a`. */
  virtual void multiply(Transpose transpose, double alpha, const SparseBlock& a, ConstBlockView b, double beta,
                        BlockView c) const = 0;

  // Blocks times columns of the host

  /** c = alpha * op(a) * b + beta * c. */
  virtual void multiply(Transpose transpose, double alpha, ConstBlockView a, ConstMatrixView b, double beta,
                        MatrixView c) const = 0;
  /** c = alpha * a * b + beta * c with symmetric `a`. */
  virtual void symmetric_multiply(double alpha, ConstBlockView a, ConstMatrixView b, double beta,
                                  MatrixView c) const = 0;

  // Sums

  /** sum_ij x_ij y_ij; `symmetric` when both are. */
  [[nodiscard]] virtual double inner_product(ConstBlockView x, ConstBlockView y, Symmetry symmetry) const = 0;
  /** sum_ij x_ij y_ij with a sparse x; `symmetric` when y is, of which then one triangle is read. */
  [[nodiscard]] virtual double inner_product(const SparseBlock& x, ConstBlockView y, Symmetry symmetry) const = 0;
  /**
   * sum_ij x_ij (y z)_{offset+i, offset+j} with a sparse x and symmetric y: of the product, only the entries of the
   * pattern are computed.
   */
  [[nodiscard]] virtual double inner_product_with_product(const SparseBlock& x, std::size_t offset, ConstBlockView y,
                                                          ConstBlockView z) const = 0;
  /** sum_j x_ij y_ij for each row i. */
  [[nodiscard]] virtual std::vector<double> row_dots(ConstBlockView x, ConstBlockView y) const = 0;
  /** The diagonal of A m A' with a sparse A and symmetric m. */
  [[nodiscard]] virtual std::vector<double> quadratic_forms(const SparseBlock& a, ConstBlockView m) const = 0;
  /** out_i += sum_j x_ij y_ij w_j for symmetric x and y: the diagonal of x diag(w) y. */
  virtual void add_diagonal_of_product(ConstBlockView x, std::span<const double> w, ConstBlockView y,
                                       std::span<double> out) const = 0;
  /**
   * traces(a, b) += sum_ij q_b' X_a(i, j) u_a u_b' Y_b(i, j) q_a for terms a and b, X_a(i, j) being the processes'
   * entries (k n_s + i, l n_s + j) of sum_x scale_xa(j) x over the blocks `left`, Y_b(i, j) those of
   * sum_y scale_yb(i) y over `right`; j runs over a range, i over all modes. It is what a pair of steps adds to
   * tr(Sigma Q_a Sigma Q_b).
   */
  virtual void add_traces(std::span<const TraceTerm> terms, std::span<const ScaledBlock> left,
                          std::span<const ScaledBlock> right, ModeRange modes, MatrixView traces) const = 0;
};

}  // namespace tramontana

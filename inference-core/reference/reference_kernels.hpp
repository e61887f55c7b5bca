// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/block_kernels.hpp"
#include "reference/reference_algebra.hpp"

namespace tramontana {

/** Plain loops over blocks in memory of this process. */
class ReferenceKernels final : public BlockKernels {
 public:
  [[nodiscard]] Block allocate(std::size_t rows, std::size_t columns) const override;
  void upload(ConstMatrixView from, BlockView to) const override;
  [[nodiscard]] SparseBlock upload(CsrMatrix matrix) const override;
  void download(ConstBlockView from, MatrixView to) const override;
  void copy(ConstBlockView from, BlockView to) const override;
  void zero(BlockView block) const override;
  void copy_transposed(ConstBlockView from, BlockView to) const override;
  void add_scaled(Transpose transpose, double alpha, ConstBlockView x, double beta, BlockView out) const override;
  void scale_congruence(std::span<const double> scale, BlockView m) const override;
  void mirror(BlockView m) const override;
  [[nodiscard]] std::vector<double> diagonal(ConstBlockView m) const override;
  void add_to_diagonal(std::span<const double> values, BlockView m) const override;
  void assemble(const BlockTerms& terms, std::span<const Congruence> congruences, BlockView out) const override;
  [[nodiscard]] InversionOutcome invert_positive_definite(BlockView a) const override;
  void multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstBlockView a, ConstBlockView b,
                double beta, BlockView c) const override;
  void symmetric_multiply(double alpha, ConstBlockView a, ConstBlockView b, double beta, BlockView c) const override;
  void symmetric_result_multiply(Transpose transpose_b, double alpha, ConstBlockView a, ConstBlockView b, double beta,
                                 BlockView c) const override;
  void multiply(Transpose transpose, double alpha, const SparseBlock& a, ConstBlockView b, double beta,
                BlockView c) const override;
  void multiply(Transpose transpose, double alpha, ConstBlockView a, ConstMatrixView b, double beta,
                MatrixView c) const override;
  void symmetric_multiply(double alpha, ConstBlockView a, ConstMatrixView b, double beta, MatrixView c) const override;
  [[nodiscard]] double inner_product(ConstBlockView x, ConstBlockView y, Symmetry symmetry) const override;
  [[nodiscard]] double inner_product(const SparseBlock& x, ConstBlockView y, Symmetry symmetry) const override;
  [[nodiscard]] double inner_product_with_product(const SparseBlock& x, std::size_t offset, ConstBlockView y,
                                                  ConstBlockView z) const override;
  [[nodiscard]] std::vector<double> row_dots(ConstBlockView x, ConstBlockView y) const override;
  [[nodiscard]] std::vector<double> quadratic_forms(const SparseBlock& a, ConstBlockView m) const override;
  void add_diagonal_of_product(ConstBlockView x, std::span<const double> w, ConstBlockView y,
                               std::span<double> out) const override;
  void add_traces(std::span<const TraceTerm> terms, std::span<const ScaledBlock> left,
                  std::span<const ScaledBlock> right, ModeRange modes, MatrixView traces) const override;

 private:
  ReferenceAlgebra algebra_;
};

}  // namespace tramontana

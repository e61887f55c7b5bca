// SPDX-License-Identifier: Apache-2.0
#include "kernels/observed_kernels.hpp"

#include <utility>

namespace tramontana {

Block ObservedKernels::allocate(std::size_t rows, std::size_t columns) const {
  Block result{};
  around("allocate", [&] { result = inner_.allocate(rows, columns); });
  return result;
}

void ObservedKernels::upload(ConstMatrixView from, BlockView to) const {
  around("upload", [&] { inner_.upload(from, to); });
}

SparseBlock ObservedKernels::upload(CsrMatrix matrix) const {
  SparseBlock result{};
  around("upload_sparse", [&] { result = inner_.upload(std::move(matrix)); });
  return result;
}

void ObservedKernels::download(ConstBlockView from, MatrixView to) const {
  around("download", [&] { inner_.download(from, to); });
}

void ObservedKernels::copy(ConstBlockView from, BlockView to) const {
  around("copy", [&] { inner_.copy(from, to); });
}

void ObservedKernels::zero(BlockView block) const {
  around("zero", [&] { inner_.zero(block); });
}

void ObservedKernels::copy_transposed(ConstBlockView from, BlockView to) const {
  around("copy_transposed", [&] { inner_.copy_transposed(from, to); });
}

void ObservedKernels::add_scaled(Transpose transpose, double alpha, ConstBlockView x, double beta,
                                 BlockView out) const {
  around("add_scaled", [&] { inner_.add_scaled(transpose, alpha, x, beta, out); });
}

void ObservedKernels::scale_congruence(std::span<const double> scale, BlockView m) const {
  around("scale_congruence", [&] { inner_.scale_congruence(scale, m); });
}

void ObservedKernels::mirror(BlockView m) const {
  around("mirror", [&] { inner_.mirror(m); });
}

std::vector<double> ObservedKernels::diagonal(ConstBlockView m) const {
  std::vector<double> result{};
  around("diagonal", [&] { result = inner_.diagonal(m); });
  return result;
}

void ObservedKernels::add_to_diagonal(std::span<const double> values, BlockView m) const {
  around("add_to_diagonal", [&] { inner_.add_to_diagonal(values, m); });
}

void ObservedKernels::assemble(const BlockTerms& terms, std::span<const Congruence> congruences, BlockView out) const {
  around("assemble", [&] { inner_.assemble(terms, congruences, out); });
}

InversionOutcome ObservedKernels::invert_positive_definite(BlockView a) const {
  InversionOutcome result{};
  around("invert_positive_definite", [&] { result = inner_.invert_positive_definite(a); });
  return result;
}

void ObservedKernels::multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstBlockView a,
                               ConstBlockView b, double beta, BlockView c) const {
  around("multiply", [&] { inner_.multiply(transpose_a, transpose_b, alpha, a, b, beta, c); });
}

void ObservedKernels::symmetric_multiply(double alpha, ConstBlockView a, ConstBlockView b, double beta,
                                         BlockView c) const {
  around("symmetric_multiply", [&] { inner_.symmetric_multiply(alpha, a, b, beta, c); });
}

void ObservedKernels::symmetric_result_multiply(Transpose transpose_b, double alpha, ConstBlockView a, ConstBlockView b,
                                                double beta, BlockView c) const {
  around("symmetric_result_multiply", [&] { inner_.symmetric_result_multiply(transpose_b, alpha, a, b, beta, c); });
}

void ObservedKernels::multiply(Transpose transpose, double alpha, const SparseBlock& a, ConstBlockView b, double beta,
                               BlockView c) const {
  around("multiply", [&] { inner_.multiply(transpose, alpha, a, b, beta, c); });
}

void ObservedKernels::multiply(Transpose transpose, double alpha, ConstBlockView a, ConstMatrixView b, double beta,
                               MatrixView c) const {
  around("multiply", [&] { inner_.multiply(transpose, alpha, a, b, beta, c); });
}

void ObservedKernels::symmetric_multiply(double alpha, ConstBlockView a, ConstMatrixView b, double beta,
                                         MatrixView c) const {
  around("symmetric_multiply", [&] { inner_.symmetric_multiply(alpha, a, b, beta, c); });
}

double ObservedKernels::inner_product(ConstBlockView x, ConstBlockView y, Symmetry symmetry) const {
  double result{};
  around("inner_product", [&] { result = inner_.inner_product(x, y, symmetry); });
  return result;
}

double ObservedKernels::inner_product(const SparseBlock& x, ConstBlockView y, Symmetry symmetry) const {
  double result{};
  around("inner_product", [&] { result = inner_.inner_product(x, y, symmetry); });
  return result;
}

double ObservedKernels::inner_product_with_product(const SparseBlock& x, std::size_t offset, ConstBlockView y,
                                                   ConstBlockView z) const {
  double result{};
  around("inner_product_with_product", [&] { result = inner_.inner_product_with_product(x, offset, y, z); });
  return result;
}

std::vector<double> ObservedKernels::row_dots(ConstBlockView x, ConstBlockView y) const {
  std::vector<double> result{};
  around("row_dots", [&] { result = inner_.row_dots(x, y); });
  return result;
}

std::vector<double> ObservedKernels::quadratic_forms(const SparseBlock& a, ConstBlockView m) const {
  std::vector<double> result{};
  around("quadratic_forms", [&] { result = inner_.quadratic_forms(a, m); });
  return result;
}

void ObservedKernels::add_diagonal_of_product(ConstBlockView x, std::span<const double> w, ConstBlockView y,
                                              std::span<double> out) const {
  around("add_diagonal_of_product", [&] { inner_.add_diagonal_of_product(x, w, y, out); });
}

void ObservedKernels::add_traces(std::span<const TraceTerm> terms, std::span<const ScaledBlock> left,
                                 std::span<const ScaledBlock> right, ModeRange modes, MatrixView traces) const {
  around("add_traces", [&] { inner_.add_traces(terms, left, right, modes, traces); });
}

}  // namespace tramontana

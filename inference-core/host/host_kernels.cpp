// SPDX-License-Identifier: Apache-2.0
#include "host/host_kernels.hpp"

#include <algorithm>
#include <utility>

#include "block_access/process_memory.hpp"
#include "host/assembly.hpp"
#include "host/host_algebra.hpp"
#include "host/trace_products.hpp"
#include "host/vector_loops.hpp"

namespace tramontana {
namespace {

const HostAlgebra& algebra() {
  static const HostAlgebra instance;
  return instance;
}

void copy_entries(ConstMatrixView from, MatrixView to) {
  for (std::size_t j = 0; j < to.columns; ++j) std::copy_n(from.column(j), to.rows, to.column(j));
}

}  // namespace

Block HostKernels::allocate(std::size_t rows, std::size_t columns) const {
  return BlockAccess::make(process_memory(), rows, columns);
}

void HostKernels::upload(ConstMatrixView from, BlockView to) const { copy_entries(from, opened(to)); }

SparseBlock HostKernels::upload(CsrMatrix matrix) const { return sparse_in_process(std::move(matrix)); }

void HostKernels::download(ConstBlockView from, MatrixView to) const { copy_entries(opened(from), to); }

void HostKernels::copy(ConstBlockView from, BlockView to) const { copy_entries(opened(from), opened(to)); }

void HostKernels::zero(BlockView block) const {
  const auto m = opened(block);
  for (std::size_t j = 0; j < m.columns; ++j) std::fill_n(m.column(j), m.rows, 0.0);
}

void HostKernels::copy_transposed(ConstBlockView from, BlockView to) const {
  host::transpose(opened(from), opened(to));
}

void HostKernels::add_scaled(Transpose transpose, double alpha, ConstBlockView x, double beta, BlockView out) const {
  const auto source = opened(x);
  const auto target = opened(out);
  if (transpose == Transpose::no) {
    for (std::size_t j = 0; j < target.columns; ++j) {
      host::combine_columns(alpha, source.column(j) + j, beta, target.column(j) + j, target.rows - j);
    }
    return;
  }
  // Rows of x become columns: by way of a few of them at a time, so that its lines are read once.
  constexpr std::size_t width = 8;
  DenseMatrix rows(target.rows, width);
  for (std::size_t first = 0; first < target.columns; first += width) {
    const std::size_t count = std::min(width, target.columns - first);
    for (std::size_t i = first; i < target.rows; ++i) {
      for (std::size_t k = 0; k < count; ++k) rows(i, k) = source(first + k, i);
    }
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t j = first + k;
      host::combine_columns(alpha, rows.view().column(k) + j, beta, target.column(j) + j, target.rows - j);
    }
  }
}

void HostKernels::scale_congruence(std::span<const double> scale, BlockView m) const {
  const auto target = opened(m);
  for (std::size_t j = 0; j < target.columns; ++j) {
    host::multiply_columns(scale[j], scale.data() + j, target.column(j) + j, target.rows - j);
  }
}

void HostKernels::mirror(BlockView m) const { host::mirror(opened(m)); }

std::vector<double> HostKernels::diagonal(ConstBlockView m) const {
  std::vector<double> result(m.rows());
  for (std::size_t i = 0; i < result.size(); ++i) result[i] = opened(m)(i, i);
  return result;
}

void HostKernels::add_to_diagonal(std::span<const double> values, BlockView m) const {
  for (std::size_t i = 0; i < values.size(); ++i) opened(m)(i, i) += values[i];
}

void HostKernels::assemble(const BlockTerms& terms, std::span<const Congruence> congruences, BlockView out) const {
  host::assemble(terms, congruences, opened(out));
  for (const auto& congruence : congruences) {
    const auto* dense = std::get_if<DenseCoupling>(congruence.coupling);
    if (dense == nullptr) continue;
    const auto c = opened(dense->block.view());
    const auto inner = host::full_from_lower(opened(congruence.inner));
    DenseMatrix product(out.rows(), out.rows());
    algebra().multiply(congruence.transpose, Transpose::no, congruence.coefficient, c, inner.view(), 0.0,
                       product.view());
    const auto other = congruence.transpose == Transpose::no ? Transpose::yes : Transpose::no;
    algebra().symmetric_result_multiply(other, 1.0, product.view(), c, 1.0, opened(out));
  }
}

InversionOutcome HostKernels::invert_positive_definite(BlockView a) const {
  return algebra().invert_positive_definite(opened(a));
}

void HostKernels::multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstBlockView a,
                           ConstBlockView b, double beta, BlockView c) const {
  algebra().multiply(transpose_a, transpose_b, alpha, opened(a), opened(b), beta, opened(c));
}

void HostKernels::symmetric_multiply(double alpha, ConstBlockView a, ConstBlockView b, double beta, BlockView c) const {
  algebra().symmetric_multiply(alpha, opened(a), opened(b), beta, opened(c));
}

void HostKernels::symmetric_result_multiply(Transpose transpose_b, double alpha, ConstBlockView a, ConstBlockView b,
                                            double beta, BlockView c) const {
  algebra().symmetric_result_multiply(transpose_b, alpha, opened(a), opened(b), beta, opened(c));
}

void HostKernels::multiply(Transpose transpose, double alpha, const SparseBlock& a, ConstBlockView b, double beta,
                           BlockView c) const {
  const auto& stored = opened(a);
  const auto& matrix = transpose == Transpose::no ? stored.matrix : stored.transposed;
  const auto target = opened(c);
  for (std::size_t column = 0; column < target.columns; ++column) {
    const double* from = opened(b).column(column);
    double* to = target.column(column);
    for (std::int32_t row = 0; row < matrix.num_rows; ++row) {
      double sum = 0.0;
      for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
        sum += matrix.values[p] * from[matrix.column_indices[p]];
      }
      to[row] = alpha * sum + (beta == 0.0 ? 0.0 : beta * to[row]);
    }
  }
}

void HostKernels::multiply(Transpose transpose, double alpha, ConstBlockView a, ConstMatrixView b, double beta,
                           MatrixView c) const {
  algebra().multiply(transpose, Transpose::no, alpha, opened(a), b, beta, c);
}

void HostKernels::symmetric_multiply(double alpha, ConstBlockView a, ConstMatrixView b, double beta,
                                     MatrixView c) const {
  algebra().symmetric_multiply(alpha, opened(a), b, beta, c);
}

double HostKernels::inner_product(ConstBlockView x, ConstBlockView y, Symmetry symmetry) const {
  const auto left = opened(x);
  const auto right = opened(y);
  double sum = 0.0;
  for (std::size_t j = 0; j < right.columns; ++j) {
    if (symmetry == Symmetry::general) {
      sum += host::dot(left.column(j), right.column(j), right.rows);
      continue;
    }
    const std::size_t below = j + 1;
    sum +=
        2.0 * host::dot(left.column(j) + below, right.column(j) + below, right.rows - below) + left(j, j) * right(j, j);
  }
  return sum;
}

double HostKernels::inner_product(const SparseBlock& x, ConstBlockView y, Symmetry symmetry) const {
  const auto& matrix = opened(x).matrix;
  const auto m = opened(y);
  double sum = 0.0;
  for (std::int32_t row = 0; row < matrix.num_rows; ++row) {
    for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
      const auto i = static_cast<std::size_t>(row);
      const auto j = static_cast<std::size_t>(matrix.column_indices[p]);
      sum += matrix.values[p] * (symmetry == Symmetry::symmetric && i < j ? m(j, i) : m(i, j));
    }
  }
  return sum;
}

double HostKernels::inner_product_with_product(const SparseBlock& x, std::size_t offset, ConstBlockView y,
                                               ConstBlockView z) const {
  const auto& matrix = opened(x).matrix;
  const auto left = host::full_from_lower(opened(y));
  const auto right = opened(z);
  double sum = 0.0;
  for (std::int32_t row = 0; row < matrix.num_rows; ++row) {
    const double* of_row = left.view().column(offset + static_cast<std::size_t>(row));
    for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
      const auto column = offset + static_cast<std::size_t>(matrix.column_indices[p]);
      sum += matrix.values[p] * host::dot(of_row, right.column(column), right.rows);
    }
  }
  return sum;
}

std::vector<double> HostKernels::row_dots(ConstBlockView x, ConstBlockView y) const {
  std::vector<double> result(x.rows(), 0.0);
  for (std::size_t j = 0; j < x.columns(); ++j) {
    host::add_column_products(opened(x).column(j), opened(y).column(j), result.data(), result.size());
  }
  return result;
}

std::vector<double> HostKernels::quadratic_forms(const SparseBlock& a, ConstBlockView m) const {
  const auto& rows = opened(a).matrix;
  const auto lower = opened(m);
  std::vector<double> result(a.rows(), 0.0);
  for (std::size_t row = 0; row < result.size(); ++row) {
    for (auto p = rows.row_pointers[row]; p < rows.row_pointers[row + 1]; ++p) {
      const auto i = static_cast<std::size_t>(rows.column_indices[p]);
      double inner = 0.5 * rows.values[p] * lower(i, i);
      for (auto q = rows.row_pointers[row]; q < p; ++q) {
        const auto j = static_cast<std::size_t>(rows.column_indices[q]);
        inner += rows.values[q] * lower(std::max(i, j), std::min(i, j));
      }
      result[row] += 2.0 * rows.values[p] * inner;
    }
  }
  return result;
}

void HostKernels::add_diagonal_of_product(ConstBlockView x, std::span<const double> w, ConstBlockView y,
                                          std::span<double> out) const {
  host::add_diagonal_of_product(opened(x), w, opened(y), out);
}

void HostKernels::add_traces(std::span<const TraceTerm> terms, std::span<const ScaledBlock> left,
                             std::span<const ScaledBlock> right, ModeRange modes, MatrixView traces) const {
  host::add_traces(terms, left, right, modes, traces);
}

}  // namespace tramontana

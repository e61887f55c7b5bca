// SPDX-License-Identifier: Apache-2.0
#include "reference/reference_kernels.hpp"

#include <algorithm>
#include <utility>

#include "block_access/process_memory.hpp"

namespace tramontana {
namespace {

double symmetric_entry(ConstMatrixView m, std::size_t i, std::size_t j) { return i >= j ? m(i, j) : m(j, i); }

template <class Visit>
void for_each_entry(const SparseBlock& block, const Visit& visit) {
  const auto& matrix = opened(block).matrix;
  for (std::int32_t row = 0; row < matrix.num_rows; ++row) {
    for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
      visit(static_cast<std::size_t>(row), static_cast<std::size_t>(matrix.column_indices[p]), matrix.values[p]);
    }
  }
}

DenseMatrix dense(const SparseBlock& block) {
  auto result = DenseMatrix::zero(block.rows(), block.columns());
  for_each_entry(block, [&](std::size_t i, std::size_t j, double value) { result(i, j) += value; });
  return result;
}

DenseMatrix dense(const Coupling& coupling, std::size_t size) {
  if (const auto* sparse = std::get_if<SparseCoupling>(&coupling)) return dense(sparse->block);
  auto result = DenseMatrix::zero(size, size);
  if (const auto* diagonal = std::get_if<DiagonalCoupling>(&coupling)) {
    for (std::size_t i = 0; i < size; ++i) result(i, i) = diagonal->values[i];
    return result;
  }
  const auto source = opened(std::get<DenseCoupling>(coupling).block.view());
  for (std::size_t j = 0; j < size; ++j) std::copy_n(source.column(j), size, result.view().column(j));
  return result;
}

}  // namespace

Block ReferenceKernels::allocate(std::size_t rows, std::size_t columns) const {
  return BlockAccess::make(process_memory(), rows, columns);
}

void ReferenceKernels::upload(ConstMatrixView from, BlockView to) const {
  for (std::size_t j = 0; j < from.columns; ++j) std::copy_n(from.column(j), from.rows, opened(to).column(j));
}

SparseBlock ReferenceKernels::upload(CsrMatrix matrix) const { return sparse_in_process(std::move(matrix)); }

void ReferenceKernels::download(ConstBlockView from, MatrixView to) const {
  for (std::size_t j = 0; j < to.columns; ++j) std::copy_n(opened(from).column(j), to.rows, to.column(j));
}

void ReferenceKernels::copy(ConstBlockView from, BlockView to) const { download(from, opened(to)); }

void ReferenceKernels::zero(BlockView block) const {
  for (std::size_t j = 0; j < block.columns(); ++j) std::fill_n(opened(block).column(j), block.rows(), 0.0);
}

void ReferenceKernels::copy_transposed(ConstBlockView from, BlockView to) const {
  for (std::size_t j = 0; j < to.columns(); ++j) {
    for (std::size_t i = 0; i < to.rows(); ++i) opened(to)(i, j) = opened(from)(j, i);
  }
}

void ReferenceKernels::add_scaled(Transpose transpose, double alpha, ConstBlockView x, double beta,
                                  BlockView out) const {
  const auto source = opened(x);
  const auto target = opened(out);
  for (std::size_t j = 0; j < target.columns; ++j) {
    for (std::size_t i = j; i < target.rows; ++i) {
      const double share = alpha * (transpose == Transpose::no ? source(i, j) : source(j, i));
      target(i, j) = share + (beta == 0.0 ? 0.0 : beta * target(i, j));
    }
  }
}

void ReferenceKernels::scale_congruence(std::span<const double> scale, BlockView m) const {
  const auto target = opened(m);
  for (std::size_t j = 0; j < target.columns; ++j) {
    for (std::size_t i = j; i < target.rows; ++i) target(i, j) *= scale[i] * scale[j];
  }
}

void ReferenceKernels::mirror(BlockView m) const { mirror_lower(opened(m)); }

std::vector<double> ReferenceKernels::diagonal(ConstBlockView m) const {
  std::vector<double> result(m.rows());
  for (std::size_t i = 0; i < m.rows(); ++i) result[i] = opened(m)(i, i);
  return result;
}

void ReferenceKernels::add_to_diagonal(std::span<const double> values, BlockView m) const {
  for (std::size_t i = 0; i < m.rows(); ++i) opened(m)(i, i) += values[i];
}

void ReferenceKernels::assemble(const BlockTerms& terms, std::span<const Congruence> congruences, BlockView out) const {
  const std::size_t n = out.rows();
  auto sum = DenseMatrix::zero(n, n);
  for (const auto& term : terms.patterns) {
    if (const auto* view = std::get_if<ConstBlockView>(&term.pattern)) {
      for (std::size_t j = 0; j < view->columns(); ++j) {
        for (std::size_t i = 0; i < view->rows(); ++i) {
          sum(term.row + i, term.column + j) += term.coefficient * opened(*view)(i, j);
        }
      }
    } else {
      for_each_entry(*std::get<const SparseBlock*>(term.pattern), [&](std::size_t i, std::size_t j, double value) {
        sum(term.row + i, term.column + j) += term.coefficient * value;
      });
    }
  }
  for (std::size_t i = 0; i < terms.diagonal.size(); ++i) sum(i, i) += terms.diagonal[i];
  for (const auto& [coefficient, coupling, transpose, inner] : congruences) {
    const auto c = dense(*coupling, n);
    const auto other = transpose == Transpose::no ? Transpose::yes : Transpose::no;
    // op(C) m = (m op(C)')' and m is symmetric.
    DenseMatrix right(n, n);
    DenseMatrix full(n, n);
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < n; ++i) full(i, j) = symmetric_entry(opened(inner), i, j);
    }
    algebra_.multiply(Transpose::no, other, 1.0, full.view(), c.view(), 0.0, right.view());
    algebra_.multiply(transpose, Transpose::no, coefficient, c.view(), right.view(), 1.0, sum.view());
  }
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) opened(out)(i, j) = sum(i, j);
  }
}

InversionOutcome ReferenceKernels::invert_positive_definite(BlockView a) const {
  return algebra_.invert_positive_definite(opened(a));
}

void ReferenceKernels::multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstBlockView a,
                                ConstBlockView b, double beta, BlockView c) const {
  algebra_.multiply(transpose_a, transpose_b, alpha, opened(a), opened(b), beta, opened(c));
}

void ReferenceKernels::symmetric_multiply(double alpha, ConstBlockView a, ConstBlockView b, double beta,
                                          BlockView c) const {
  algebra_.symmetric_multiply(alpha, opened(a), opened(b), beta, opened(c));
}

void ReferenceKernels::symmetric_result_multiply(Transpose transpose_b, double alpha, ConstBlockView a,
                                                 ConstBlockView b, double beta, BlockView c) const {
  algebra_.symmetric_result_multiply(transpose_b, alpha, opened(a), opened(b), beta, opened(c));
}

void ReferenceKernels::multiply(Transpose transpose, double alpha, const SparseBlock& a, ConstBlockView b, double beta,
                                BlockView c) const {
  algebra_.multiply(transpose, Transpose::no, alpha, dense(a).view(), opened(b), beta, opened(c));
}

void ReferenceKernels::multiply(Transpose transpose, double alpha, ConstBlockView a, ConstMatrixView b, double beta,
                                MatrixView c) const {
  algebra_.multiply(transpose, Transpose::no, alpha, opened(a), b, beta, c);
}

void ReferenceKernels::symmetric_multiply(double alpha, ConstBlockView a, ConstMatrixView b, double beta,
                                          MatrixView c) const {
  algebra_.symmetric_multiply(alpha, opened(a), b, beta, c);
}

double ReferenceKernels::inner_product(ConstBlockView x, ConstBlockView y, Symmetry symmetry) const {
  const bool is_symmetric = symmetry == Symmetry::symmetric;
  double sum = 0.0;
  for (std::size_t j = 0; j < y.columns(); ++j) {
    for (std::size_t i = is_symmetric ? j : 0; i < y.rows(); ++i) {
      sum += (is_symmetric && i > j ? 2.0 : 1.0) * opened(x)(i, j) * opened(y)(i, j);
    }
  }
  return sum;
}

double ReferenceKernels::inner_product(const SparseBlock& x, ConstBlockView y, Symmetry symmetry) const {
  double sum = 0.0;
  for_each_entry(x, [&](std::size_t i, std::size_t j, double value) {
    sum += value * (symmetry == Symmetry::symmetric ? symmetric_entry(opened(y), i, j) : opened(y)(i, j));
  });
  return sum;
}

double ReferenceKernels::inner_product_with_product(const SparseBlock& x, std::size_t offset, ConstBlockView y,
                                                    ConstBlockView z) const {
  double sum = 0.0;
  for_each_entry(x, [&](std::size_t i, std::size_t j, double value) {
    for (std::size_t k = 0; k < y.rows(); ++k) {
      sum += value * symmetric_entry(opened(y), offset + i, k) * opened(z)(k, offset + j);
    }
  });
  return sum;
}

std::vector<double> ReferenceKernels::row_dots(ConstBlockView x, ConstBlockView y) const {
  std::vector<double> result(x.rows(), 0.0);
  for (std::size_t j = 0; j < x.columns(); ++j) {
    for (std::size_t i = 0; i < x.rows(); ++i) result[i] += opened(x)(i, j) * opened(y)(i, j);
  }
  return result;
}

std::vector<double> ReferenceKernels::quadratic_forms(const SparseBlock& a, ConstBlockView m) const {
  const auto rows = dense(a);
  std::vector<double> result(a.rows(), 0.0);
  for (std::size_t row = 0; row < a.rows(); ++row) {
    for (std::size_t j = 0; j < m.rows(); ++j) {
      for (std::size_t i = 0; i < m.rows(); ++i) {
        result[row] += rows(row, i) * symmetric_entry(opened(m), i, j) * rows(row, j);
      }
    }
  }
  return result;
}

void ReferenceKernels::add_diagonal_of_product(ConstBlockView x, std::span<const double> w, ConstBlockView y,
                                               std::span<double> out) const {
  for (std::size_t i = 0; i < x.rows(); ++i) {
    for (std::size_t j = 0; j < x.rows(); ++j) {
      out[i] += symmetric_entry(opened(x), i, j) * w[j] * symmetric_entry(opened(y), i, j);
    }
  }
}

void ReferenceKernels::add_traces(std::span<const TraceTerm> terms, std::span<const ScaledBlock> left,
                                  std::span<const ScaledBlock> right, ModeRange modes, MatrixView traces) const {
  if (left.empty() || right.empty()) return;
  const std::size_t num_processes = terms.front().source.size();
  const std::size_t n = left.front().block.rows() / num_processes;
  // sum of scale v' block(i, j) w over the blocks, the scale being that of a term at a mode.
  const auto form = [&](std::span<const ScaledBlock> blocks, std::size_t term, std::size_t mode, std::size_t i,
                        std::size_t j, const std::vector<double>& v, const std::vector<double>& w) {
    double sum = 0.0;
    for (const auto& [block, scale] : blocks) {
      for (std::size_t k = 0; k < num_processes; ++k) {
        for (std::size_t l = 0; l < num_processes; ++l) {
          sum += scale[term * n + mode] * v[k] * opened(block)(k * n + i, l * n + j) * w[l];
        }
      }
    }
    return sum;
  };
  for (std::size_t a = 0; a < terms.size(); ++a) {
    for (std::size_t b = 0; b < terms.size(); ++b) {
      for (std::size_t j = modes.first; j < modes.last; ++j) {
        for (std::size_t i = 0; i < n; ++i) {
          traces(a, b) += form(left, a, j, i, j, terms[b].target, terms[a].source) *
                          form(right, b, i, i, j, terms[b].source, terms[a].target);
        }
      }
    }
  }
}

}  // namespace tramontana

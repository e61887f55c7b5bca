// SPDX-License-Identifier: Apache-2.0
#include "host/assembly.hpp"

#include <algorithm>
#include <vector>

#include "block_access/process_memory.hpp"
#include "host/vector_loops.hpp"

namespace tramontana::host {
namespace {

/** 8 kB a tile: two of them in the first level of any cache. */
constexpr std::size_t tile = 32;

/** A sparse coupling at work: op(C), and all entries of the block inside. */
struct SparseShare {
  double coefficient;
  const CsrMatrix* matrix;
  DenseMatrix inner;
};

std::vector<SparseShare> sparse_shares(std::span<const Congruence> congruences) {
  std::vector<SparseShare> shares;
  for (const auto& congruence : congruences) {
    const auto* sparse = std::get_if<SparseCoupling>(congruence.coupling);
    if (sparse == nullptr) continue;
    const auto& stored = opened(sparse->block);
    shares.push_back({congruence.coefficient,
                      congruence.transpose == Transpose::no ? &stored.matrix : &stored.transposed,
                      full_from_lower(opened(congruence.inner))});
  }
  return shares;
}

/** Column j of out += coefficient C m C', from the diagonal down. */
void add_column_of(const SparseShare& share, std::size_t j, std::vector<double>& scratch, MatrixView out) {
  const auto& c = *share.matrix;
  // (m C')_j is the sum of a few columns of m; each entry of the result, of a few of its entries.
  std::fill(scratch.begin(), scratch.end(), 0.0);
  for (auto p = c.row_pointers[j]; p < c.row_pointers[j + 1]; ++p) {
    const auto column = static_cast<std::size_t>(c.column_indices[p]);
    add_column(share.coefficient * c.values[p], share.inner.view().column(column), scratch.data(), scratch.size());
  }
  double* target = out.column(j);
  for (std::size_t i = j; i < out.rows; ++i) {
    double sum = 0.0;
    for (auto p = c.row_pointers[i]; p < c.row_pointers[i + 1]; ++p) {
      sum += c.values[p] * scratch[static_cast<std::size_t>(c.column_indices[p])];
    }
    target[i] += sum;
  }
}

void add_column_of(const PatternTerm& term, std::size_t j, MatrixView out) {
  const auto* view = std::get_if<ConstBlockView>(&term.pattern);
  if (view == nullptr || j < term.column || j >= term.column + view->columns()) return;
  const std::size_t first = std::max(term.row, j);
  const std::size_t end = term.row + view->rows();
  if (first >= end) return;
  const double* source = opened(*view).column(j - term.column) + (first - term.row);
  add_column(term.coefficient, source, out.column(j) + first, end - first);
}

/** Lower triangle of out += coefficient * a sparse pattern. */
void add_sparse(const PatternTerm& term, MatrixView out) {
  const auto* const* sparse = std::get_if<const SparseBlock*>(&term.pattern);
  if (sparse == nullptr) return;
  const auto& matrix = opened(**sparse).matrix;
  for (std::int32_t row = 0; row < matrix.num_rows; ++row) {
    const std::size_t i = term.row + static_cast<std::size_t>(row);
    for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
      const std::size_t j = term.column + static_cast<std::size_t>(matrix.column_indices[p]);
      if (i >= j) out(i, j) += term.coefficient * matrix.values[p];
    }
  }
}

}  // namespace

void mirror(MatrixView m) {
  for (std::size_t left = 0; left < m.columns; left += tile) {
    const std::size_t right = std::min(left + tile, m.columns);
    for (std::size_t top = left; top < m.rows; top += tile) {
      const std::size_t bottom = std::min(top + tile, m.rows);
      for (std::size_t i = top; i < bottom; ++i) {
        double* target = m.column(i);
        for (std::size_t j = left; j < std::min(right, i); ++j) target[j] = m(i, j);
      }
    }
  }
}

void transpose(ConstMatrixView from, MatrixView to) {
  for (std::size_t left = 0; left < to.columns; left += tile) {
    const std::size_t right = std::min(left + tile, to.columns);
    for (std::size_t top = 0; top < to.rows; top += tile) {
      const std::size_t bottom = std::min(top + tile, to.rows);
      for (std::size_t j = left; j < right; ++j) {
        double* target = to.column(j);
        for (std::size_t i = top; i < bottom; ++i) target[i] = from(j, i);
      }
    }
  }
}

DenseMatrix full_from_lower(ConstMatrixView m) {
  DenseMatrix full(m.rows, m.rows);
  for (std::size_t j = 0; j < m.columns; ++j) std::copy_n(m.column(j) + j, m.rows - j, full.view().column(j) + j);
  mirror(full.view());
  return full;
}

void assemble(const BlockTerms& terms, std::span<const Congruence> congruences, MatrixView out) {
  const auto shares = sparse_shares(congruences);
  std::vector<double> scratch(shares.empty() ? 0 : out.rows);
  for (std::size_t j = 0; j < out.columns; ++j) {
    double* column = out.column(j);
    std::fill(column + j, column + out.rows, 0.0);
    for (const auto& term : terms.patterns) add_column_of(term, j, out);
    if (!terms.diagonal.empty()) column[j] += terms.diagonal[j];
    for (const auto& [coefficient, coupling, transpose, inner] : congruences) {
      const auto* diagonal = std::get_if<DiagonalCoupling>(coupling);
      if (diagonal == nullptr) continue;
      const double* scale = diagonal->values.data();
      add_scaled_column(coefficient * scale[j], scale + j, opened(inner).column(j) + j, column + j, out.rows - j);
    }
    for (const auto& share : shares) add_column_of(share, j, scratch, out);
  }
  for (const auto& term : terms.patterns) add_sparse(term, out);
}

}  // namespace tramontana::host

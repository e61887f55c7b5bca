// SPDX-License-Identifier: Apache-2.0
#include "inference/row_variances.hpp"

#include <algorithm>
#include <utility>

#include "matrix/csr_operations.hpp"

namespace tramontana {
namespace {

/** Lower triangle of sum_kl L_jk L_jl Sigma[k,l]; the upper triangle is zero. */
DenseMatrix response_covariance(const Posterior& posterior, ConstMatrixView covariance, std::size_t response) {
  const std::size_t n = posterior.prepared().num_nodes();
  auto result = DenseMatrix::zero(n, n);
  for (std::size_t l = 0; l <= response; ++l) {
    for (std::size_t k = l; k <= response; ++k) {
      const double weight = posterior.lower(response, k) * posterior.lower(response, l);
      if (weight == 0.0) continue;
      const auto block = covariance.block(k * n, l * n, n, n);
      for (std::size_t j = 0; j < n; ++j) {
        double* target = result.view().column(j);
        const double* source = block.column(j);
        for (std::size_t i = j; i < n; ++i) target[i] += weight * source[i];
        if (k == l) continue;
        for (std::size_t i = j; i < n; ++i) target[i] += weight * block(j, i);
      }
    }
  }
  return result;
}

/** m L for lower triangular L with zeros above: panels of columns, from the diagonal down. */
DenseMatrix triangular_product(const Backend& backend, ConstMatrixView m, ConstMatrixView lower) {
  constexpr std::size_t panel = 192;
  DenseMatrix result(m.rows, lower.columns);
  for (std::size_t first = 0; first < lower.columns; first += panel) {
    const std::size_t width = std::min(panel, lower.columns - first);
    const std::size_t depth = lower.rows - first;
    backend.multiply(Transpose::no, Transpose::no, 1.0, m.block(0, first, m.rows, depth),
                     lower.block(first, first, depth, width), 0.0, result.view().block(0, first, m.rows, width));
  }
  return result;
}

DenseMatrix sparse_product(const CsrMatrix& rows, ConstMatrixView m) {
  auto result = DenseMatrix::zero(static_cast<std::size_t>(rows.num_rows), m.columns);
  add_product(1.0, rows, m, result.view());
  return result;
}

std::vector<double> spectral_row_variances(const Posterior& posterior, DenseMatrix lower, const CsrMatrix& rows) {
  const auto& backend = posterior.prepared().backend();
  const auto synthesis = posterior.prepared().basis().synthesis();
  for (std::size_t i = 0; i < lower.rows(); ++i) lower(i, i) *= 0.5;
  const auto half = std::as_const(lower).view();
  const auto phi = sparse_product(rows, synthesis);
  const auto product = [&] {
    if (phi.rows() < synthesis.rows) return triangular_product(backend, phi.view(), half);
    const auto all = triangular_product(backend, synthesis, half);
    return sparse_product(rows, all.view());
  }();
  std::vector<double> variances(phi.rows(), 0.0);
  for (std::size_t j = 0; j < phi.columns(); ++j) {
    const double* left = phi.view().column(j);
    const double* right = product.view().column(j);
    for (std::size_t i = 0; i < variances.size(); ++i) variances[i] += 2.0 * left[i] * right[i];
  }
  return variances;
}

std::vector<double> nodal_row_variances(const DenseMatrix& lower, const CsrMatrix& rows) {
  std::vector<double> variances(static_cast<std::size_t>(rows.num_rows), 0.0);
  for (std::size_t row = 0; row < variances.size(); ++row) {
    for (auto p = rows.row_pointers[row]; p < rows.row_pointers[row + 1]; ++p) {
      const auto i = static_cast<std::size_t>(rows.column_indices[p]);
      double inner = 0.5 * rows.values[p] * lower(i, i);
      for (auto q = rows.row_pointers[row]; q < p; ++q) {
        const auto j = static_cast<std::size_t>(rows.column_indices[q]);
        inner += rows.values[q] * lower(std::max(i, j), std::min(i, j));
      }
      variances[row] += 2.0 * rows.values[p] * inner;
    }
  }
  return variances;
}

}  // namespace

std::vector<double> row_variances(const Posterior& posterior, ConstMatrixView covariance, std::size_t response,
                                  const CsrMatrix& rows) {
  if (rows.num_rows == 0) return {};
  auto lower = response_covariance(posterior, covariance, response);
  if (posterior.coordinates() == EvaluationOptions::Coordinates::nodal) return nodal_row_variances(lower, rows);
  return spectral_row_variances(posterior, std::move(lower), rows);
}

}  // namespace tramontana

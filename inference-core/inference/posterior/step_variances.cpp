// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/step_variances.hpp"

#include <algorithm>
#include <utility>

#include "matrix/csr_operations.hpp"

namespace tramontana {
namespace {

/** Lower triangle of sum_kl L_jk L_jl Sigma[k,l]; the upper triangle is zero. */
DenseMatrix response_covariance(const GaussianConditional& posterior, ConstMatrixView covariance,
                                std::size_t response) {
  const std::size_t n = posterior.prepared().num_nodes();
  auto result = DenseMatrix::zero(n, n);
  for (std::size_t l = 0; l <= response; ++l) {
    for (std::size_t k = l; k <= response; ++k) {
      const double weight = posterior.prior().lower(response, k) * posterior.prior().lower(response, l);
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
  // Narrow panels waste less above the diagonal, wide ones make better products.
  const std::size_t panel = std::clamp<std::size_t>(lower.columns / 6, 32, 192);
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

bool has_single_entries(const CsrMatrix& rows) {
  for (std::size_t row = 0; row + 1 < rows.row_pointers.size(); ++row) {
    if (rows.row_pointers[row + 1] != rows.row_pointers[row] + 1) return false;
  }
  return true;
}

/** For rows of one entry each: its square times the variance of its node. */
std::vector<double> single_entry_variances(const std::vector<double>& nodes, const CsrMatrix& rows) {
  std::vector<double> variances(rows.values.size());
  for (std::size_t i = 0; i < variances.size(); ++i) {
    variances[i] = rows.values[i] * rows.values[i] * nodes[static_cast<std::size_t>(rows.column_indices[i])];
  }
  return variances;
}

/** 2 sum_j left_ij right_ij. */
std::vector<double> twice_row_products(ConstMatrixView left, ConstMatrixView right) {
  std::vector<double> result(left.rows, 0.0);
  for (std::size_t j = 0; j < left.columns; ++j) {
    const double* a = left.column(j);
    const double* b = right.column(j);
    for (std::size_t i = 0; i < left.rows; ++i) result[i] += 2.0 * a[i] * b[i];
  }
  return result;
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

StepVariances::StepVariances(const GaussianConditional& posterior, const StepCovariance& group)
    : posterior_(posterior),
      group_(group),
      is_spectral_(posterior.field().basis() == CoordinateBasis::spectral),
      responses_(posterior.prepared().num_processes()) {}

StepVariances::Response& StepVariances::response(std::size_t index) {
  auto& entry = responses_[index];
  if (!entry) {
    entry.emplace();
    entry->half = response_covariance(posterior_, group_.covariance, index);
    if (is_spectral_) {
      for (std::size_t i = 0; i < entry->half.rows(); ++i) entry->half(i, i) *= 0.5;
    }
  }
  return *entry;
}

const DenseMatrix& StepVariances::product(Response& response) const {
  if (!response.product) {
    response.product = triangular_product(posterior_.prepared().backend(), posterior_.prepared().basis().synthesis(),
                                          std::as_const(response.half).view());
  }
  return *response.product;
}

std::vector<double> StepVariances::nodes(std::size_t index) {
  auto& found = response(index);
  if (is_spectral_) {
    if (found.nodes.empty()) {
      found.nodes = twice_row_products(product(found).view(), posterior_.prepared().basis().synthesis());
    }
    return found.nodes;
  }
  std::vector<double> variances(found.half.rows());
  for (std::size_t i = 0; i < variances.size(); ++i) variances[i] = found.half(i, i);
  return variances;
}

std::vector<double> StepVariances::rows(std::size_t index, const CsrMatrix& rows) {
  if (rows.num_rows == 0) return {};
  auto& found = response(index);
  if (!is_spectral_) return nodal_row_variances(found.half, rows);
  if (!found.nodes.empty() && has_single_entries(rows)) return single_entry_variances(found.nodes, rows);
  const auto phi = sparse_product(rows, posterior_.prepared().basis().synthesis());
  if (found.product || phi.rows() >= phi.columns()) {
    return twice_row_products(phi.view(), sparse_product(rows, product(found).view()).view());
  }
  const auto half = std::as_const(found.half).view();
  return twice_row_products(phi.view(), triangular_product(posterior_.prepared().backend(), phi.view(), half).view());
}

}  // namespace tramontana

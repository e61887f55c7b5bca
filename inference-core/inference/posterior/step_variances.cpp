// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/step_variances.hpp"

#include <algorithm>

namespace tramontana {
namespace {

/** Lower triangle of sum_kl L_jk L_jl Sigma[k,l]; the upper triangle is zero. */
Block response_covariance(const GaussianConditional& posterior, ConstBlockView covariance, std::size_t response) {
  const auto& kernels = posterior.prepared().backend().blocks();
  const std::size_t n = posterior.prepared().num_nodes();
  auto result = kernels.allocate(n, n);
  kernels.zero(result.view());
  for (std::size_t l = 0; l <= response; ++l) {
    for (std::size_t k = l; k <= response; ++k) {
      const double weight = posterior.prior().lower(response, k) * posterior.prior().lower(response, l);
      if (weight == 0.0) continue;
      const auto block = covariance.block(k * n, l * n, n, n);
      kernels.add_scaled(Transpose::no, weight, block, 1.0, result.view());
      if (k != l) kernels.add_scaled(Transpose::yes, weight, block, 1.0, result.view());
    }
  }
  return result;
}

/** m L for lower triangular L with zeros above: panels of columns, from the diagonal down. */
Block triangular_product(const BlockKernels& kernels, ConstBlockView m, ConstBlockView lower) {
  // Narrow panels waste less above the diagonal, wide ones make better products.
  const std::size_t panel = std::clamp<std::size_t>(lower.columns() / 6, 32, 192);
  auto result = kernels.allocate(m.rows(), lower.columns());
  for (std::size_t first = 0; first < lower.columns(); first += panel) {
    const std::size_t width = std::min(panel, lower.columns() - first);
    const std::size_t depth = lower.rows() - first;
    kernels.multiply(Transpose::no, Transpose::no, 1.0, m.block(0, first, m.rows(), depth),
                     lower.block(first, first, depth, width), 0.0, result.view().block(0, first, m.rows(), width));
  }
  return result;
}

Block sparse_product(const BlockKernels& kernels, const SparseBlock& rows, ConstBlockView m) {
  auto result = kernels.allocate(rows.rows(), m.columns());
  kernels.multiply(Transpose::no, 1.0, rows, m, 0.0, result.view());
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
std::vector<double> twice_row_products(const BlockKernels& kernels, ConstBlockView left, ConstBlockView right) {
  auto result = kernels.row_dots(left, right);
  for (double& value : result) value *= 2.0;
  return result;
}

}  // namespace

StepVariances::StepVariances(const GaussianConditional& posterior, const StepCovariance& group)
    : posterior_(posterior),
      kernels_(posterior.prepared().backend().blocks()),
      group_(group),
      is_spectral_(posterior.field().basis() == CoordinateBasis::spectral),
      responses_(posterior.prepared().num_processes()) {}

StepVariances::Response& StepVariances::response(std::size_t index) {
  auto& entry = responses_[index];
  if (!entry) {
    entry.emplace();
    entry->half = response_covariance(posterior_, group_.covariance, index);
    if (is_spectral_) {
      auto half = kernels_.diagonal(entry->half.view());
      for (double& value : half) value *= -0.5;
      kernels_.add_to_diagonal(half, entry->half.view());
    }
  }
  return *entry;
}

ConstBlockView StepVariances::product(Response& response) const {
  if (response.product.empty()) {
    response.product = triangular_product(kernels_, posterior_.prepared().basis().synthesis(), response.half.view());
  }
  return response.product.view();
}

std::vector<double> StepVariances::nodes(std::size_t index) {
  auto& found = response(index);
  if (!is_spectral_) return kernels_.diagonal(found.half.view());
  if (found.nodes.empty()) {
    found.nodes = twice_row_products(kernels_, product(found), posterior_.prepared().basis().synthesis());
  }
  return found.nodes;
}

std::vector<double> StepVariances::rows(std::size_t index, const CsrMatrix& rows) {
  if (rows.num_rows == 0) return {};
  auto& found = response(index);
  if (is_spectral_ && !found.nodes.empty() && has_single_entries(rows)) {
    return single_entry_variances(found.nodes, rows);
  }
  const auto uploaded = kernels_.upload(rows);
  if (!is_spectral_) return kernels_.quadratic_forms(uploaded, found.half.view());
  const auto phi = sparse_product(kernels_, uploaded, posterior_.prepared().basis().synthesis());
  if (!found.product.empty() || phi.rows() >= phi.columns()) {
    return twice_row_products(kernels_, phi.view(), sparse_product(kernels_, uploaded, product(found)).view());
  }
  return twice_row_products(kernels_, phi.view(), triangular_product(kernels_, phi.view(), found.half.view()).view());
}

}  // namespace tramontana

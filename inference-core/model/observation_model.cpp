// SPDX-License-Identifier: Apache-2.0
#include "model/observation_model.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "matrix/csr_operations.hpp"

namespace tramontana {
namespace {

bool same_rows(const CsrMatrix& a, const CsrMatrix& b) {
  return a.row_pointers == b.row_pointers && a.column_indices == b.column_indices && a.values == b.values;
}

ObservationPattern make_pattern(const CsrMatrix& rows, std::span<const double> weights, const MeshBasis& basis,
                                const Backend& backend) {
  const std::size_t n = basis.num_nodes();
  ObservationPattern pattern{weighted_normal_matrix(rows, weights), DenseMatrix(n, n)};
  auto right = DenseMatrix::zero(n, n);
  add_product(1.0, pattern.nodal, basis.synthesis(), right.view());
  backend.multiply(Transpose::yes, Transpose::no, 1.0, basis.synthesis(), right.view(), 0.0, pattern.spectral.view());
  // The product is symmetric up to rounding; make it exactly so, for one triangle is read in places and both in others.
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j + 1; i < n; ++i) pattern.spectral(j, i) = pattern.spectral(i, j);
  }
  return pattern;
}

}  // namespace

ObservationModel::ObservationModel(const ObservationGroup& group, std::size_t num_steps, const MeshBasis& basis,
                                   const Backend& backend)
    : pattern_of_step_(num_steps, -1),
      data_terms_(num_steps, basis.num_nodes(), 1 + static_cast<std::size_t>(group.num_covariates)) {
  const std::size_t count = group.y.size();
  const auto num_covariates = static_cast<std::size_t>(group.num_covariates);
  std::vector<std::int32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int32_t a, std::int32_t b) { return group.time_index[a] < group.time_index[b]; });
  projector_ = permuted_rows(group.projector, order);
  weights_.resize(count);
  design_ = DenseMatrix(count, 1 + num_covariates);
  step_offsets_.assign(num_steps + 1, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto source = static_cast<std::size_t>(order[i]);
    weights_[i] = group.weights.empty() ? 1.0 : group.weights[source];
    sum_log_weights_ += std::log(weights_[i]);
    design_(i, 0) = group.y[source];
    for (std::size_t c = 0; c < num_covariates; ++c) {
      design_(i, 1 + c) = group.covariates[source * num_covariates + c];
    }
    ++step_offsets_[static_cast<std::size_t>(group.time_index[source]) + 1];
  }
  std::partial_sum(step_offsets_.begin(), step_offsets_.end(), step_offsets_.begin());

  struct Representative {
    CsrMatrix rows;
    std::vector<double> weights;
  };
  std::vector<Representative> representatives;
  for (std::size_t step = 0; step < num_steps; ++step) {
    const auto first = step_offsets_[step];
    const auto last = step_offsets_[step + 1];
    if (first == last) continue;
    Representative current{row_range(projector_, first, last),
                           std::vector<double>(weights_.begin() + static_cast<std::ptrdiff_t>(first),
                                               weights_.begin() + static_cast<std::ptrdiff_t>(last))};
    const auto known = std::find_if(representatives.begin(), representatives.end(), [&](const Representative& other) {
      return other.weights == current.weights && same_rows(other.rows, current.rows);
    });
    pattern_of_step_[step] = static_cast<int>(known - representatives.begin());
    if (known == representatives.end()) {
      patterns_.push_back(make_pattern(current.rows, current.weights, basis, backend));
      representatives.push_back(std::move(current));
    }
  }
  DenseMatrix weighted = design_;
  for (std::size_t column = 0; column < weighted.columns(); ++column) {
    for (std::size_t i = 0; i < count; ++i) weighted(i, column) *= weights_[i];
  }
  add_transposed_projection(1.0, std::as_const(weighted).view(), data_terms_, 0);
  data_terms_ = basis.dual_to_spectral(backend, data_terms_);
}

DenseMatrix ObservationModel::project(const BlockVector& fields, std::size_t offset) const {
  auto result = DenseMatrix::zero(num_observations(), fields.num_columns());
  for (std::size_t step = 0; step + 1 < step_offsets_.size(); ++step) {
    const auto block = fields.block(step);
    for (std::size_t column = 0; column < fields.num_columns(); ++column) {
      const double* source = block.column(column) + offset;
      double* target = result.view().column(column);
      for (std::size_t row = step_offsets_[step]; row < step_offsets_[step + 1]; ++row) {
        double sum = 0.0;
        for (auto p = projector_.row_pointers[row]; p < projector_.row_pointers[row + 1]; ++p) {
          sum += projector_.values[p] * source[projector_.column_indices[p]];
        }
        target[row] = sum;
      }
    }
  }
  return result;
}

void ObservationModel::add_transposed_projection(double scale, ConstMatrixView weighted, BlockVector& result,
                                                 std::size_t offset) const {
  for (std::size_t step = 0; step + 1 < step_offsets_.size(); ++step) {
    const auto block = result.block(step);
    for (std::size_t column = 0; column < weighted.columns; ++column) {
      const double* source = weighted.column(column);
      double* target = block.column(column) + offset;
      for (std::size_t row = step_offsets_[step]; row < step_offsets_[step + 1]; ++row) {
        const double value = scale * source[row];
        for (auto p = projector_.row_pointers[row]; p < projector_.row_pointers[row + 1]; ++p) {
          target[projector_.column_indices[p]] += projector_.values[p] * value;
        }
      }
    }
  }
}

DenseMatrix ObservationModel::weighted_inner_products(ConstMatrixView a, ConstMatrixView b) const {
  DenseMatrix result(a.columns, b.columns);
  for (std::size_t k = 0; k < b.columns; ++k) {
    for (std::size_t j = 0; j < a.columns; ++j) {
      double sum = 0.0;
      for (std::size_t i = 0; i < a.rows; ++i) sum += weights_[i] * a(i, j) * b(i, k);
      result(j, k) = sum;
    }
  }
  return result;
}

}  // namespace tramontana

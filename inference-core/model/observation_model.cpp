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

/** z(y). */
double transformed(ResponseTransform transform, double y) {
  switch (transform) {
    case ResponseTransform::log:
      return std::log(y);
    case ResponseTransform::square_root:
      return std::sqrt(y);
    case ResponseTransform::identity:
      break;
  }
  return y;
}

/** log |dz/dy|. */
double log_jacobian(ResponseTransform transform, double y) {
  return transform == ResponseTransform::log ? -std::log(y) : -std::log(2.0 * std::sqrt(y));
}

}  // namespace

ConstBlockView ObservationPattern::spectral() const {
  std::call_once(computed_, [this] {
    const auto& kernels = backend_.blocks();
    const std::size_t n = basis_.num_nodes();
    auto right = kernels.allocate(n, n);
    kernels.multiply(Transpose::no, 1.0, nodal_, basis_.synthesis(), 0.0, right.view());
    spectral_ = kernels.allocate(n, n);
    kernels.multiply(Transpose::yes, Transpose::no, 1.0, basis_.synthesis(), right.view(), 0.0, spectral_.view());
    // Symmetric up to rounding; make it exactly so, for one triangle is read in places and both in others.
    kernels.mirror(spectral_.view());
  });
  return std::as_const(spectral_).view();
}

ObservationModel::ObservationModel(const ObservationGroup& group, const BorderColumns& border, std::size_t num_steps,
                                   const MeshBasis& basis, const Backend& backend)
    : basis_(&basis),
      backend_(&backend),
      process_(static_cast<std::size_t>(group.process)),
      likelihood_(group.likelihood),
      order_(group.y.size()),
      step_offsets_(num_steps + 1, 0) {
  const std::size_t count = group.y.size();
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(),
                   [&](std::int32_t a, std::int32_t b) { return group.time_index[a] < group.time_index[b]; });
  projector_ = permuted_rows(group.projector, order_);
  design_ = DenseMatrix::zero(count, 1 + border.total());
  for (std::size_t i = 0; i < count; ++i) {
    const auto source = static_cast<std::size_t>(order_[i]);
    Datum datum;
    datum.y = transformed(group.transform, group.y[source]);
    if (!group.weights.empty()) datum.weight = group.weights[source];
    if (!group.exposure.empty()) datum.exposure = group.exposure[source];
    if (group.transform != ResponseTransform::identity) {
      log_jacobians_.push_back(log_jacobian(group.transform, group.y[source]));
    }
    weights_.push_back(datum.weight);
    sum_log_weights_ += std::log(datum.weight);
    design_(i, 0) = datum.y;
    for (std::size_t c = 0; c < border.num_covariates; ++c) {
      design_(i, 1 + c) = group.covariates[source * border.num_covariates + c];
    }
    std::size_t first_level = 1 + border.num_covariates;
    for (std::size_t effect = 0; effect < border.num_levels.size(); ++effect) {
      const auto level = group.effect_levels[effect][source];
      if (level >= 0) design_(i, first_level + static_cast<std::size_t>(level)) = 1.0;
      first_level += border.num_levels[effect];
    }
    data_.push_back(datum);
    ++step_offsets_[static_cast<std::size_t>(group.time_index[source]) + 1];
  }
  std::partial_sum(step_offsets_.begin(), step_offsets_.end(), step_offsets_.begin());
  // The working observations of another likelihood replace these patterns before they are ever used.
  if (is_gaussian()) build_patterns();
}

ObservationModel ObservationModel::reweighted(std::vector<double> weights, std::span<const double> response) const {
  ObservationModel result(*this);
  result.weights_ = std::move(weights);
  std::copy(response.begin(), response.end(), result.design_.data());
  result.build_patterns();
  return result;
}

void ObservationModel::build_patterns() {
  const std::size_t num_steps = step_offsets_.size() - 1;
  pattern_of_step_.assign(num_steps, -1);
  patterns_.clear();
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
      patterns_.push_back(std::make_shared<const ObservationPattern>(
          weighted_normal_matrix(current.rows, current.weights), *basis_, *backend_));
      representatives.push_back(std::move(current));
    }
  }
  DenseMatrix weighted = design_;
  for (std::size_t column = 0; column < weighted.columns(); ++column) {
    for (std::size_t i = 0; i < weighted.rows(); ++i) weighted(i, column) *= weights_[i];
  }
  data_terms_ = BlockVector(num_steps, basis_->num_nodes(), design_.columns());
  add_transposed_projection(1.0, std::as_const(weighted).view(), data_terms_, 0);
  data_terms_ = basis_->dual_to_spectral(*backend_, data_terms_);
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

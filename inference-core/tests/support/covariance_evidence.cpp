// SPDX-License-Identifier: Apache-2.0
#include "support/covariance_evidence.hpp"

#include <cmath>
#include <cstdlib>
#include <numbers>

#include "inference/posterior/small_dense.hpp"

namespace tramontana::testing {

double log_evidence_of_covariance(const EngineModel& model, const FieldCovariance& covariance, double noise_precision) {
  const auto& group = model.observations[0];
  const std::size_t m = group.y.size();
  DenseMatrix v(m, m);
  const auto p = static_cast<std::size_t>(group.num_covariates);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      const int lag = std::abs(group.time_index[i] - group.time_index[j]);
      double sum = 0.0;
      for (auto a = group.projector.row_pointers[i]; a < group.projector.row_pointers[i + 1]; ++a) {
        for (auto b = group.projector.row_pointers[j]; b < group.projector.row_pointers[j + 1]; ++b) {
          sum += group.projector.values[a] * group.projector.values[b] *
                 covariance(static_cast<std::size_t>(group.projector.column_indices[a]),
                            static_cast<std::size_t>(group.projector.column_indices[b]), lag);
        }
      }
      for (std::size_t c = 0; c < p; ++c) {
        sum += group.covariates[i * p + c] * group.covariates[j * p + c] / model.fixed_effects_prior_precision;
      }
      v(i, j) = sum;
    }
    v(i, i) += 1.0 / (noise_precision * (group.weights.empty() ? 1.0 : group.weights[i]));
  }
  const auto factor = small_cholesky(v, "covariance of y");
  double result = -0.5 * static_cast<double>(m) * std::log(2.0 * std::numbers::pi);
  std::vector<double> z = group.y;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t k = 0; k < i; ++k) z[i] -= factor(i, k) * z[k];
    z[i] /= factor(i, i);
    result -= std::log(factor(i, i)) + 0.5 * z[i] * z[i];
  }
  return result;
}

}  // namespace tramontana::testing

// SPDX-License-Identifier: Apache-2.0
#include "grid/effects_posterior.hpp"

#include <cmath>
#include <string>

#include "tramontana/errors.hpp"

namespace tramontana {

EffectsPosterior effects_posterior(const DenseMatrix& products, double prior_precision, const Backend& backend) {
  const std::size_t p = products.rows() - 1;
  EffectsPosterior result;
  result.quadratic_form = products(0, 0);
  result.mean.assign(p, 0.0);
  result.covariance = DenseMatrix(p, p);
  if (p == 0) return result;
  for (std::size_t j = 0; j < p; ++j) {
    for (std::size_t i = j; i < p; ++i) {
      result.covariance(i, j) = products(1 + i, 1 + j) + (i == j ? prior_precision : 0.0);
    }
  }
  const auto outcome = backend.dense().invert_positive_definite(result.covariance.view());
  if (outcome.failure) {
    throw NotPositiveDefinite(
        "The precision of the fixed effects must be positive definite, found the pivot " +
            std::to_string(outcome.failure->value) + " at effect " + std::to_string(outcome.failure->pivot) +
            ": its columns may be collinear.",
        {{"pivot", static_cast<std::int64_t>(outcome.failure->pivot)}, {"value", outcome.failure->value}});
  }
  mirror_lower(result.covariance.view());
  result.log_determinant = outcome.log_determinant - static_cast<double>(p) * std::log(prior_precision);
  for (std::size_t i = 0; i < p; ++i) {
    for (std::size_t j = 0; j < p; ++j) result.mean[i] += result.covariance(i, j) * products(1 + j, 0);
    result.quadratic_form -= result.mean[i] * products(1 + i, 0);
  }
  return result;
}

}  // namespace tramontana

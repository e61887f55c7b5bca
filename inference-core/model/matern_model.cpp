// SPDX-License-Identifier: Apache-2.0
#include "model/matern_model.hpp"

#include <cmath>
#include <numbers>

#include "model/sphere_variance.hpp"

namespace tramontana {
namespace {

template <class Scalar>
CoefficientTable<Scalar> matern_coefficients(const Scalar& log_range_s, const Scalar& log_sigma, Manifold manifold,
                                             std::optional<int> sphere_series_terms) {
  using std::exp;
  using std::log;
  const Scalar log_g2 = Scalar(std::log(8.0)) - Scalar(2.0) * log_range_s;
  const Scalar g2 = exp(log_g2);
  const Scalar log_ge2 = manifold == Manifold::plane
                             ? -(Scalar(std::log(4.0 * std::numbers::pi)) + log_g2 + Scalar(2.0) * log_sigma)
                             : log(sphere_variance_sum(g2, sphere_series_terms)) - Scalar(2.0) * log_sigma;
  const Scalar ge2 = exp(log_ge2);
  CoefficientTable<Scalar> table{};
  table[0] = {ge2 * g2 * g2, Scalar(2.0) * ge2 * g2, ge2, Scalar(0.0)};
  return table;
}

}  // namespace

MaternModel::MaternModel(Manifold manifold, std::optional<int> sphere_series_terms)
    : terms_{{{1.0}, {}}}, manifold_(manifold), sphere_series_terms_(sphere_series_terms) {}

std::vector<std::string> MaternModel::parameter_names() const { return {"log_range_s", "log_sigma"}; }

FieldCoefficients MaternModel::coefficients(std::span<const double> parameters) const {
  const auto p = as_variables(parameters);
  return matern_coefficients(p[0], p[1], manifold_, sphere_series_terms_);
}

}  // namespace tramontana

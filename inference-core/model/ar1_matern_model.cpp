// SPDX-License-Identifier: Apache-2.0
#include "model/ar1_matern_model.hpp"

#include <cmath>
#include <numbers>

#include "model/sphere_variance.hpp"

namespace tramontana {
namespace {

template <class Scalar>
CoefficientTable<Scalar> ar1_matern_coefficients(const Scalar& log_range_s, const Scalar& rho_internal,
                                                 const Scalar& log_sigma, Manifold manifold,
                                                 std::optional<int> sphere_series_terms) {
  using std::exp;
  using std::log;
  const Scalar log_g2 = Scalar(std::log(8.0)) - Scalar(2.0) * log_range_s;
  const Scalar g2 = exp(log_g2);
  const Scalar log_ge2 = manifold == Manifold::plane
                             ? -(Scalar(std::log(4.0 * std::numbers::pi)) + log_g2 + Scalar(2.0) * log_sigma)
                             : log(sphere_variance_sum(g2, sphere_series_terms)) - Scalar(2.0) * log_sigma;
  const Scalar ge2 = exp(log_ge2);
  // With e = (1 + rho) / (1 - rho): 1 / (1 - rho^2) = (1 + e)^2 / (4 e), free of cancellation as rho nears 1.
  const Scalar e = exp(rho_internal);
  const Scalar rho = (e - Scalar(1.0)) / (e + Scalar(1.0));
  const Scalar scale = (Scalar(1.0) + e) * (Scalar(1.0) + e) / (Scalar(4.0) * e);
  const Scalar factors[] = {scale, scale * rho * rho, -(scale * rho)};
  CoefficientTable<Scalar> table{};
  for (std::size_t r = 0; r < table.size(); ++r) {
    const Scalar factor = factors[r] * ge2;
    table[r] = {factor * g2 * g2, Scalar(2.0) * factor * g2, factor, Scalar(0.0)};
  }
  return table;
}

}  // namespace

Ar1MaternModel::Ar1MaternModel(std::size_t num_steps, Manifold manifold, std::optional<int> sphere_series_terms)
    : manifold_(manifold), sphere_series_terms_(sphere_series_terms) {
  const std::vector<double> ones(num_steps, 1.0);
  const std::vector<double> zeros(num_steps, 0.0);
  // For one step this is -1, and the precision that of the stationary field.
  std::vector<double> interior(num_steps, 1.0);
  interior.front() -= 1.0;
  interior.back() -= 1.0;
  const std::vector<double> uncoupled(num_steps - 1, 0.0);
  const std::vector<double> coupled(num_steps - 1, 1.0);
  terms_ = {{ones, uncoupled}, {interior, uncoupled}, {zeros, coupled}};
}

std::vector<std::string> Ar1MaternModel::parameter_names() const {
  return {"log_range_s", "rho_internal", "log_sigma"};
}

FieldCoefficients Ar1MaternModel::coefficients(std::span<const double> parameters) const {
  const auto p = as_variables(parameters);
  return ar1_matern_coefficients(p[0], p[1], p[2], manifold_, sphere_series_terms_);
}

}  // namespace tramontana

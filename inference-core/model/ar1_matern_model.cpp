// SPDX-License-Identifier: Apache-2.0
#include "model/ar1_matern_model.hpp"

#include <cmath>

#include "model/autoregressive_terms.hpp"
#include "model/matern_coefficients.hpp"

namespace tramontana {
namespace {

template <class Scalar>
CoefficientTable<Scalar> ar1_matern_coefficients(const Scalar& log_range_s, const Scalar& rho_internal,
                                                 const Scalar& log_sigma, Manifold manifold,
                                                 std::optional<int> sphere_series_terms) {
  using std::exp;
  const auto spatial = matern_coefficients(log_range_s, log_sigma, manifold, sphere_series_terms);
  // With e = (1 + rho) / (1 - rho): 1 / (1 - rho^2) = (1 + e)^2 / (4 e), free of cancellation as rho nears 1.
  const Scalar e = exp(rho_internal);
  const Scalar rho = (e - Scalar(1.0)) / (e + Scalar(1.0));
  const Scalar scale = (Scalar(1.0) + e) * (Scalar(1.0) + e) / (Scalar(4.0) * e);
  const Scalar factors[] = {scale, scale * rho * rho, -(scale * rho)};
  CoefficientTable<Scalar> table{};
  for (std::size_t r = 0; r < table.size(); ++r) {
    for (std::size_t p = 0; p < num_spatial_powers; ++p) table[r][p] = factors[r] * spatial[p];
  }
  return table;
}

}  // namespace

Ar1MaternModel::Ar1MaternModel(std::size_t num_steps, Manifold manifold, std::optional<int> sphere_series_terms)
    : terms_(autoregressive_terms(num_steps)), manifold_(manifold), sphere_series_terms_(sphere_series_terms) {}

std::vector<std::string> Ar1MaternModel::parameter_names() const {
  return {"log_range_s", "rho_internal", "log_sigma"};
}

FieldCoefficients Ar1MaternModel::coefficients(std::span<const double> parameters) const {
  const auto p = as_variables(parameters);
  return ar1_matern_coefficients(p[0], p[1], p[2], manifold_, sphere_series_terms_);
}

std::optional<std::vector<ModeLaw>> Ar1MaternModel::mode_laws(std::span<const double> parameters,
                                                              std::span<const double> eigenvalues) const {
  const auto p = as_variables(parameters);
  const FieldDual e = exp(p[1]);
  const FieldDual correlation = (e - FieldDual(1.0)) / (e + FieldDual(1.0));
  return matern_laws(matern_coefficients(p[0], p[2], manifold_, sphere_series_terms_), correlation, eigenvalues);
}

}  // namespace tramontana

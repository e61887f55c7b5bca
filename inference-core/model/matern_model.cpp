// SPDX-License-Identifier: Apache-2.0
#include "model/matern_model.hpp"

#include "model/matern_coefficients.hpp"

namespace tramontana {

MaternModel::MaternModel(Manifold manifold, std::optional<int> sphere_series_terms)
    : terms_{{{1.0}, {}}}, manifold_(manifold), sphere_series_terms_(sphere_series_terms) {}

std::vector<std::string> MaternModel::parameter_names() const { return {"log_range_s", "log_sigma"}; }

FieldCoefficients MaternModel::coefficients(std::span<const double> parameters) const {
  const auto p = as_variables(parameters);
  FieldCoefficients table{};
  table[0] = matern_coefficients(p[0], p[1], manifold_, sphere_series_terms_);
  return table;
}

std::optional<std::vector<ModeLaw>> MaternModel::mode_laws(std::span<const double> parameters,
                                                           std::span<const double> eigenvalues) const {
  const auto p = as_variables(parameters);
  return matern_laws(matern_coefficients(p[0], p[1], manifold_, sphere_series_terms_), FieldDual(0.0), eigenvalues);
}

}  // namespace tramontana

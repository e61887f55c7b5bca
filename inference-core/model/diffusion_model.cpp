// SPDX-License-Identifier: Apache-2.0
#include "model/diffusion_model.hpp"

#include "model/diffusion_scales.hpp"

namespace tramontana {
namespace {

template <class Scalar>
CoefficientTable<Scalar> diffusion_coefficients(const Scalar& log_range_s, const Scalar& log_range_t,
                                                const Scalar& log_sigma, Manifold manifold,
                                                std::optional<int> sphere_series_terms) {
  const auto [g2, gt, ge2] = diffusion_scales(log_range_s, log_range_t, log_sigma, manifold, sphere_series_terms);
  const Scalar g4 = g2 * g2;
  const Scalar first = ge2 * gt;
  const Scalar second = first * gt;
  CoefficientTable<Scalar> table{};
  table[0] = {ge2 * g4 * g2, Scalar(3.0) * ge2 * g4, Scalar(3.0) * ge2 * g2, ge2};
  table[1] = {first * g4, Scalar(2.0) * first * g2, first, Scalar(0.0)};
  table[2] = {second * g2, second, Scalar(0.0), Scalar(0.0)};
  return table;
}

}  // namespace

DiffusionModel::DiffusionModel(const TemporalMatrices& temporal, Manifold manifold,
                               std::optional<int> sphere_series_terms)
    : manifold_(manifold), sphere_series_terms_(sphere_series_terms) {
  const std::vector<double> no_coupling(temporal.m2_off_diagonal.size(), 0.0);
  terms_ = {{temporal.m0, no_coupling}, {temporal.m1, no_coupling}, {temporal.m2_diagonal, temporal.m2_off_diagonal}};
}

std::vector<std::string> DiffusionModel::parameter_names() const { return {"log_range_s", "log_range_t", "log_sigma"}; }

FieldCoefficients DiffusionModel::coefficients(std::span<const double> parameters) const {
  const auto p = as_variables(parameters);
  return diffusion_coefficients(p[0], p[1], p[2], manifold_, sphere_series_terms_);
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "model/diffusion_model.hpp"

#include <cmath>
#include <numbers>

#include "model/sphere_variance.hpp"

namespace tramontana {
namespace {

template <class Scalar>
CoefficientTable<Scalar> diffusion_coefficients(const Scalar& log_range_s, const Scalar& log_range_t,
                                                const Scalar& log_sigma, Manifold manifold,
                                                std::optional<int> sphere_series_terms) {
  using std::exp;
  using std::log;
  const Scalar log_g = Scalar(0.5 * std::log(8.0)) - log_range_s;
  const Scalar log_gt = log_range_t - Scalar(0.5 * std::log(4.0)) + Scalar(2.0) * log_g;
  const Scalar g2 = exp(Scalar(2.0) * log_g);
  const Scalar gt = exp(log_gt);
  Scalar log_ge2;
  if (manifold == Manifold::plane) {
    const double log_c1 = std::log(std::sqrt(std::numbers::pi)) - 1.5 * std::log(4.0 * std::numbers::pi);
    log_ge2 = Scalar(log_c1) - log_gt - Scalar(2.0) * log_g - Scalar(2.0) * log_sigma;
  } else {
    log_ge2 = log(sphere_variance_sum(g2, sphere_series_terms) / Scalar(2.0)) - log_gt - Scalar(2.0) * log_sigma;
  }
  const Scalar ge2 = exp(log_ge2);
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

// SPDX-License-Identifier: Apache-2.0
#include "model/exact_diffusion_model.hpp"

#include "model/autoregressive_terms.hpp"
#include "model/diffusion_scales.hpp"

namespace tramontana {
namespace {

template <class Scalar>
std::array<Scalar, max_temporal_terms> ornstein_uhlenbeck(const DiffusionScales<Scalar>& scales, double lambda) {
  const Scalar a = scales.g2 + Scalar(lambda);
  const Scalar decay = a / scales.gt;
  const Scalar rho = exp(-decay);
  // 1 - rho^2 without cancellation where a mode hardly changes in a step.
  const Scalar lost = -expm1(Scalar(-2.0) * decay);
  const Scalar scale = Scalar(2.0) * scales.ge2 * scales.gt * a * a / lost;
  return {scale, scale * rho * rho, -(scale * rho)};
}

}  // namespace

ExactDiffusionModel::ExactDiffusionModel(std::size_t num_steps, Manifold manifold,
                                         std::optional<int> sphere_series_terms)
    : terms_(autoregressive_terms(num_steps)), manifold_(manifold), sphere_series_terms_(sphere_series_terms) {}

std::vector<std::string> ExactDiffusionModel::parameter_names() const {
  return {"log_range_s", "log_range_t", "log_sigma"};
}

std::vector<ModeCoefficients> ExactDiffusionModel::mode_coefficients(std::span<const double> parameters,
                                                                     std::span<const double> eigenvalues) const {
  const auto p = as_variables(parameters);
  const auto scales = diffusion_scales(p[0], p[1], p[2], manifold_, sphere_series_terms_);
  std::vector<ModeCoefficients> modes;
  modes.reserve(eigenvalues.size());
  for (const double lambda : eigenvalues) modes.push_back(ornstein_uhlenbeck(scales, lambda));
  return modes;
}

std::optional<std::vector<ModeLaw>> ExactDiffusionModel::mode_laws(std::span<const double> parameters,
                                                                   std::span<const double> eigenvalues) const {
  const auto p = as_variables(parameters);
  const auto scales = diffusion_scales(p[0], p[1], p[2], manifold_, sphere_series_terms_);
  std::vector<ModeLaw> laws;
  laws.reserve(eigenvalues.size());
  for (const double lambda : eigenvalues) {
    const FieldDual a = scales.g2 + FieldDual(lambda);
    laws.push_back({FieldDual(0.5) / (scales.ge2 * scales.gt * a * a), exp(-(a / scales.gt))});
  }
  return laws;
}

}  // namespace tramontana

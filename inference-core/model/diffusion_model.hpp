// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/latent_model.hpp"

namespace tramontana {

/**
 * The "121" diffusion field (alpha_t = 1, alpha_s = 2, alpha_e = 1, two dimensions) [Lindgren2024].
 *
 *     Q = ge^2 [ M0 (x) q3 + gt M1 (x) q2 + gt^2 M2 (x) q1 ],   q_m = C0^1/2 (g^2 + K)^m C0^1/2,
 *     log g = 1/2 log 8 - log range_s,   log gt = log range_t - 1/2 log 4 + 2 log g,
 *     plane:  log ge = 1/2 log c1 - 1/2 log gt - log g - log sigma,   c1 = Gamma(1/2) / (4 pi)^(3/2),
 *     sphere: log ge = 1/2 log(c_s(g^2) / 2) - 1/2 log gt - log sigma.
 *
 * Parameters: [log range_s, log range_t, log sigma].
 */
class DiffusionModel final : public LatentModel {
 public:
  DiffusionModel(const TemporalMatrices& temporal, Manifold manifold, std::optional<int> sphere_series_terms);

  [[nodiscard]] std::vector<std::string> parameter_names() const override;
  [[nodiscard]] const std::vector<TemporalTerm>& temporal_terms() const override { return terms_; }
  [[nodiscard]] FieldCoefficients coefficients(std::span<const double> parameters) const override;

 private:
  std::vector<TemporalTerm> terms_;
  Manifold manifold_;
  std::optional<int> sphere_series_terms_;
};

}  // namespace tramontana

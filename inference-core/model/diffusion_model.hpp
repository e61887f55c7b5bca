// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/latent_model.hpp"

namespace tramontana {

/**
 * The "121" diffusion field (alpha_t = 1, alpha_s = 2, alpha_e = 1, two dimensions) [Lindgren2024].
 *
 *     Q = ge^2 [ M0 (x) q3 + gt M1 (x) q2 + gt^2 M2 (x) q1 ],   q_m = C0^1/2 (g^2 + K)^m C0^1/2,
 *
 * linear elements in time; g, gt and ge as in diffusion_scales(). Elements damp modes that live for less than a few
 * time steps; where many do, ExactDiffusionModel is the better model.
 *
 * Parameters: [log range_s, log range_t, log sigma].
 */
class DiffusionModel final : public PolynomialModel {
 public:
  DiffusionModel(const TemporalMatrices& temporal, Manifold manifold, std::optional<int> sphere_series_terms);

  [[nodiscard]] std::vector<std::string> parameter_names() const override;
  [[nodiscard]] const std::vector<TemporalTerm>& temporal_terms() const override { return terms_; }
  /** Linear elements in time are no autoregression. */
  [[nodiscard]] std::optional<std::vector<ModeLaw>> mode_laws(std::span<const double>,
                                                              std::span<const double>) const override {
    return std::nullopt;
  }

 protected:
  [[nodiscard]] FieldCoefficients coefficients(std::span<const double> parameters) const override;

 private:
  std::vector<TemporalTerm> terms_;
  Manifold manifold_;
  std::optional<int> sphere_series_terms_;
};

}  // namespace tramontana

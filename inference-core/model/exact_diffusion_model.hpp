// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/latent_model.hpp"

namespace tramontana {

/**
 * The "121" diffusion field [Lindgren2024] seen at whole time steps, without discretisation in time.
 *
 * In spectral coordinates (gt d/dt + g^2 - Laplacian) u = noise / ge is an Ornstein-Uhlenbeck process for each mode.
 * With a = g^2 + lam it has the stationary variance v = 1 / (2 ge^2 gt a^2) and falls by rho = e^(-a / gt) a step, so
 * that
 *
 *     T = (v (1 - rho^2))^-1 (M_0 + rho^2 M_1 - rho M_2)
 *
 * with the matrices of autoregressive_terms(). g, gt and ge as in diffusion_scales(): range_t is the range of the mode
 * that lives longest, small structures live shorter.
 *
 * rho is no polynomial of lam: there is no sparse form between the nodes.
 *
 * Parameters: [log range_s, log range_t, log sigma]; range_t in time steps.
 */
class ExactDiffusionModel final : public LatentModel {
 public:
  ExactDiffusionModel(std::size_t num_steps, Manifold manifold, std::optional<int> sphere_series_terms);

  [[nodiscard]] std::vector<std::string> parameter_names() const override;
  [[nodiscard]] const std::vector<TemporalTerm>& temporal_terms() const override { return terms_; }
  [[nodiscard]] std::vector<ModeCoefficients> mode_coefficients(std::span<const double> parameters,
                                                                std::span<const double> eigenvalues) const override;
  [[nodiscard]] std::optional<FieldCoefficients> polynomials(std::span<const double>) const override {
    return std::nullopt;
  }
  [[nodiscard]] std::optional<std::vector<ModeLaw>> mode_laws(std::span<const double> parameters,
                                                              std::span<const double> eigenvalues) const override;

 private:
  std::vector<TemporalTerm> terms_;
  Manifold manifold_;
  std::optional<int> sphere_series_terms_;
};

}  // namespace tramontana

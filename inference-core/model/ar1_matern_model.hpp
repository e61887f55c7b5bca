// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "model/latent_model.hpp"

namespace tramontana {

/**
 * The separable field AR(1) x Matern with alpha = 2: Q = Q_ar1(rho) (x) Q_s [Lindgren2011].
 *
 *     Q_ar1 = (1 - rho^2)^-1 (M_0 + rho^2 M_1 - rho M_2),   M_0 = I, M_1 = I - e_1 e_1' - e_n e_n',
 *     M_2 = ones beside the diagonal: u_1 is stationary and u_t = rho u_{t-1} + sqrt(1 - rho^2) w_t;
 *     Q_s = ge^2 (g^4 C0 + 2 g^2 G1 + G2),   log g = 1/2 log 8 - log range_s,
 *     plane:  log ge = -1/2 (log 4 pi + 2 log g + 2 log sigma),
 *     sphere: log ge = 1/2 log c_s(g^2) - log sigma.
 *
 * Parameters: [log range_s, rho_internal, log sigma] with rho_internal = log((1 + rho) / (1 - rho)).
 */
class Ar1MaternModel final : public PolynomialModel {
 public:
  Ar1MaternModel(std::size_t num_steps, Manifold manifold, std::optional<int> sphere_series_terms);

  [[nodiscard]] std::vector<std::string> parameter_names() const override;
  [[nodiscard]] const std::vector<TemporalTerm>& temporal_terms() const override { return terms_; }
  [[nodiscard]] std::optional<std::vector<ModeLaw>> mode_laws(std::span<const double> parameters,
                                                              std::span<const double> eigenvalues) const override;

 protected:
  [[nodiscard]] FieldCoefficients coefficients(std::span<const double> parameters) const override;

 private:
  std::vector<TemporalTerm> terms_;
  Manifold manifold_;
  std::optional<int> sphere_series_terms_;
};

}  // namespace tramontana

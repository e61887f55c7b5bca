// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "model/latent_model.hpp"

namespace tramontana {

/**
 * The purely spatial Matern field with alpha = 2 [Lindgren2011]: Q = ge^2 (g^4 C0 + 2 g^2 G1 + G2),
 * log g = 1/2 log 8 - log range_s; plane: log ge = -1/2 (log 4 pi + 2 log g + 2 log sigma); sphere: log ge =
 * 1/2 log c_s(g^2) - log sigma.
 *
 * Parameters: [log range_s, log sigma].
 */
class MaternModel final : public PolynomialModel {
 public:
  MaternModel(Manifold manifold, std::optional<int> sphere_series_terms);

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

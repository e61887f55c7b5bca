// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <numbers>
#include <optional>

#include "model/latent_model.hpp"
#include "model/sphere_variance.hpp"

namespace tramontana {

/**
 * Coefficients of C0, G1 and G2 in ge^2 (g^4 C0 + 2 g^2 G1 + G2), the Matern field with alpha = 2 [Lindgren2011]:
 * g = sqrt(8) / range; ge gives the standard deviation sigma, on the sphere by the series of its variance.
 */
template <class Scalar>
std::array<Scalar, num_spatial_powers> matern_coefficients(const Scalar& log_range_s, const Scalar& log_sigma,
                                                           Manifold manifold, std::optional<int> sphere_series_terms) {
  using std::exp;
  using std::log;
  const Scalar log_g2 = Scalar(std::log(8.0)) - Scalar(2.0) * log_range_s;
  const Scalar g2 = exp(log_g2);
  const Scalar log_ge2 = manifold == Manifold::plane
                             ? -(Scalar(std::log(4.0 * std::numbers::pi)) + log_g2 + Scalar(2.0) * log_sigma)
                             : log(sphere_variance_sum(g2, sphere_series_terms)) - Scalar(2.0) * log_sigma;
  const Scalar ge2 = exp(log_ge2);
  return {ge2 * g2 * g2, Scalar(2.0) * ge2 * g2, ge2, Scalar(0.0)};
}

/** The laws of the modes of a Matern field, all with one correlation from step to step. */
[[nodiscard]] inline std::vector<ModeLaw> matern_laws(const std::array<FieldDual, num_spatial_powers>& coefficients,
                                                      const FieldDual& correlation,
                                                      std::span<const double> eigenvalues) {
  std::vector<ModeLaw> laws;
  laws.reserve(eigenvalues.size());
  for (const double lambda : eigenvalues) {
    const FieldDual precision =
        coefficients[0] + FieldDual(lambda) * (coefficients[1] + FieldDual(lambda) * coefficients[2]);
    laws.push_back({FieldDual(1.0) / precision, correlation});
  }
  return laws;
}

}  // namespace tramontana

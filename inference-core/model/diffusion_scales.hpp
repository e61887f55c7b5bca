// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <numbers>
#include <optional>

#include "model/latent_model.hpp"
#include "model/sphere_variance.hpp"

namespace tramontana {

/** The constants of (gt d/dt + g^2 - Laplacian) u = noise / ge [Lindgren2024]. */
template <class Scalar>
struct DiffusionScales {
  Scalar g2;
  Scalar gt;
  Scalar ge2;
};

/**
 * The scales of the "121" diffusion field with these ranges and this standard deviation:
 *
 *     log g = 1/2 log 8 - log range_s,   log gt = log range_t - 1/2 log 4 + 2 log g,
 *     plane:  log ge = 1/2 log c1 - 1/2 log gt - log g - log sigma,   c1 = Gamma(1/2) / (4 pi)^(3/2),
 *     sphere: log ge = 1/2 log(c_s(g^2) / 2) - 1/2 log gt - log sigma.
 */
template <class Scalar>
DiffusionScales<Scalar> diffusion_scales(const Scalar& log_range_s, const Scalar& log_range_t, const Scalar& log_sigma,
                                         Manifold manifold, std::optional<int> sphere_series_terms) {
  using std::exp;
  using std::log;
  const Scalar log_g = Scalar(0.5 * std::log(8.0)) - log_range_s;
  const Scalar log_gt = log_range_t - Scalar(0.5 * std::log(4.0)) + Scalar(2.0) * log_g;
  const Scalar g2 = exp(Scalar(2.0) * log_g);
  Scalar log_ge2;
  if (manifold == Manifold::plane) {
    const double log_c1 = std::log(std::sqrt(std::numbers::pi)) - 1.5 * std::log(4.0 * std::numbers::pi);
    log_ge2 = Scalar(log_c1) - log_gt - Scalar(2.0) * log_g - Scalar(2.0) * log_sigma;
  } else {
    log_ge2 = log(sphere_variance_sum(g2, sphere_series_terms) / Scalar(2.0)) - log_gt - Scalar(2.0) * log_sigma;
  }
  return {g2, exp(log_gt), exp(log_ge2)};
}

}  // namespace tramontana

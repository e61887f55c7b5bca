// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tramontana/engine_model.hpp"

namespace tramontana {

struct PriorValue {
  double log_density = 0.0;  ///< Gaussian normalisers dropped
  double slope = 0.0;        ///< first derivative by theta
  double curvature = 0.0;    ///< second derivative by theta
};

/**
 * Log prior of one component of theta, with two derivatives [Fuglstad2019].
 *
 * With l the rate: spatial range log l - l e^-t - t; temporal range log l - l e^(-t/2) - t/2 + log 1/2;
 * sigma (t a log standard deviation) log l - l e^t + t; noise standard deviation (t a log precision)
 * log l - l e^(-t/2) - t/2 + log 1/2; Gaussian -(p/2)(t - m)^2; Gamma(a, b)
 * on a precision whose log is t: a log b - log Gamma(a) + a t - b e^t.
 */
[[nodiscard]] PriorValue log_prior(const ThetaPrior& prior, double theta);

/** What log_prior() drops: 1/2 log(p / 2 pi) of a proper Gaussian prior, 0 of every other. */
[[nodiscard]] double log_prior_normaliser(const ThetaPrior& prior);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

namespace tramontana {

/** Where a predictor eta ~ N(mean, variance) leads to on the scale of the response. */
enum class InverseLink {
  identity,  ///< eta
  exp,       ///< e^eta: log-transformed responses (their median scale), means of poisson (E = 1) and gamma
  square,    ///< eta^2: square-root-transformed responses
  logistic,  ///< 1/(1 + e^-eta): success probability of binomial
};

/** Moments and quantiles of g(eta), row by row. */
struct ResponseSummary {
  std::vector<double> mean;
  std::vector<double> sd;
  /** [row * probabilities.size() + i]. */
  std::vector<double> quantiles;
};

/**
 * Carries Gaussian predictors back to the scale of the response. Means are those of the response, not the response at
 * the mean:
 *
 *     e^eta: mean e^(m + v/2), variance (e^v - 1) e^(2m + v);   eta^2: mean m^2 + v, variance 2 v^2 + 4 m^2 v;
 *     logistic: by the trapezoidal rule over +-10 sd, exact to about 1e-12.
 *
 * Quantiles go through monotone links; those of eta^2 solve Phi((q - m)/s) - Phi((-q - m)/s) = p for sqrt(q). For the
 * distribution of a new observation of a transformed response add the noise variance to `variance`.
 *
 * @throws InvalidModel  lengths differ, a variance is negative, a probability is outside (0, 1), or a value not finite
 */
[[nodiscard]] ResponseSummary summarise_response(InverseLink link, std::span<const double> mean,
                                                 std::span<const double> variance,
                                                 std::span<const double> probabilities);

/** Quantile of the standard normal distribution, to about 1e-14. */
[[nodiscard]] double normal_quantile(double probability);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "model/priors.hpp"

#include <cmath>
#include <numbers>

#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

/** log l - l e^(rate t) + rate t + log |rate|: an exponential density on e^(rate t). */
PriorValue exponential_on_power(double lambda, double rate, double theta) {
  const double scaled = lambda * std::exp(rate * theta);
  return {std::log(lambda) - scaled + rate * theta + std::log(std::abs(rate)), rate * (1.0 - scaled),
          -rate * rate * scaled};
}

}  // namespace

PriorValue log_prior(const ThetaPrior& prior, double theta) {
  switch (prior.kind) {
    case ThetaPrior::Kind::gaussian: {
      const double deviation = theta - prior.mean;
      return {-0.5 * prior.precision * deviation * deviation, -prior.precision * deviation, -prior.precision};
    }
    case ThetaPrior::Kind::spatial_range:
      return exponential_on_power(prior.lambda, -1.0, theta);
    case ThetaPrior::Kind::temporal_range:
    case ThetaPrior::Kind::noise_sd:
      return exponential_on_power(prior.lambda, -0.5, theta);
    case ThetaPrior::Kind::sigma:
    case ThetaPrior::Kind::noise_precision_compat:
      return exponential_on_power(prior.lambda, 1.0, theta);
    case ThetaPrior::Kind::log_gamma: {
      const double scaled = prior.rate * std::exp(theta);
      return {prior.shape * std::log(prior.rate) - log_gamma(prior.shape) + prior.shape * theta - scaled,
              prior.shape - scaled, -scaled};
    }
    case ThetaPrior::Kind::fixed:
      return {};
  }
  return {};
}

double log_prior_normaliser(const ThetaPrior& prior) {
  if (prior.kind != ThetaPrior::Kind::gaussian || prior.precision <= 0.0) return 0.0;
  return 0.5 * std::log(prior.precision / (2.0 * std::numbers::pi));
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/response.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "model/likelihoods/special_functions.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

double logistic(double eta) { return 1.0 / (1.0 + std::exp(-eta)); }

struct Moments {
  double mean, sd;
};

/** From this sd on the normal density is the wide one of the two, and nodes lie on the logistic one. */
constexpr double wide_sd = 4.0;

/**
 * The same for a wide normal density: E g = P(L < eta) = E Phi((mean - L)/sd) for L of the logistic density g', and
 * g^2 = g - g'. The trapezoidal rule converges geometrically on g', whose poles are pi away.
 */
Moments wide_logistic_moments(double mean, double sd) {
  constexpr double step = 0.5;
  constexpr int half = 90;
  double first = 0.0;
  double density = 0.0;
  for (int i = -half; i <= half; ++i) {
    const double value = i * step;
    const double weight = step * logistic(value) * logistic(-value);
    const double z = (mean - value) / sd;
    first += weight * normal_cumulative(z);
    density += weight * std::exp(-0.5 * z * z) / (sd * std::sqrt(2.0 * std::numbers::pi));
  }
  return {first, std::sqrt(std::max(0.0, first * (1.0 - first) - density))};
}

/** E g and sd g for g(eta) logistic: the trapezoidal rule converges geometrically on a normal density. */
Moments logistic_moments(double mean, double sd) {
  if (sd == 0.0) return {logistic(mean), 0.0};
  if (sd > wide_sd) return wide_logistic_moments(mean, sd);
  // The logistic function has poles at distance pi / sd in z: the step resolves both it and the density.
  const double step = std::min(0.1, 0.4 / sd);
  double total = 0.0;
  double first = 0.0;
  double second = 0.0;
  const int half = static_cast<int>(std::ceil(10.0 / step));
  for (int i = -half; i <= half; ++i) {
    const double z = i * step;
    const double weight = std::exp(-0.5 * z * z);
    const double value = logistic(mean + sd * z);
    total += weight;
    first += weight * value;
    second += weight * value * value;
  }
  first /= total;
  second /= total;
  return {first, std::sqrt(std::max(0.0, second - first * first))};
}

Moments moments_of(InverseLink link, double mean, double variance) {
  switch (link) {
    case InverseLink::exp:
      return {std::exp(mean + 0.5 * variance), std::exp(mean + 0.5 * variance) * std::sqrt(std::expm1(variance))};
    case InverseLink::square:
      return {mean * mean + variance, std::sqrt(2.0 * variance * variance + 4.0 * mean * mean * variance)};
    case InverseLink::logistic:
      return logistic_moments(mean, std::sqrt(variance));
    case InverseLink::identity:
      break;
  }
  return {mean, std::sqrt(variance)};
}

/** Quantile of eta^2: both signs of eta count. */
double square_quantile(double mean, double sd, double probability) {
  if (sd == 0.0) return mean * mean;
  const auto cdf = [&](double root) {
    return normal_cumulative((root - mean) / sd) - normal_cumulative((-root - mean) / sd);
  };
  double below = 0.0;
  double above = std::abs(mean) + 40.0 * sd;
  for (int i = 0; i < 200 && above - below > 1e-15 * above; ++i) {
    const double middle = 0.5 * (below + above);
    (cdf(middle) < probability ? below : above) = middle;
  }
  const double root = 0.5 * (below + above);
  return root * root;
}

double quantile_of(InverseLink link, double mean, double variance, double probability) {
  const double sd = std::sqrt(variance);
  if (link == InverseLink::square) return square_quantile(mean, sd, probability);
  const double eta = mean + sd * normal_quantile(probability);
  if (link == InverseLink::exp) return std::exp(eta);
  return link == InverseLink::logistic ? logistic(eta) : eta;
}

void check(bool holds, const std::string& message) {
  if (!holds) throw InvalidModel(message);
}

}  // namespace

double normal_quantile(double probability) {
  if (!(probability > 0.0)) return -std::numeric_limits<double>::infinity();
  if (!(probability < 1.0)) return std::numeric_limits<double>::infinity();
  // Newton's method on the log of the tail, which is nearly quadratic: the smaller tail keeps its digits.
  const double tail = std::min(probability, 1.0 - probability);
  double z = std::sqrt(-2.0 * std::log(tail));
  z -= (2.515517 + 0.802853 * z + 0.010328 * z * z) / (1.0 + 1.432788 * z + 0.189269 * z * z + 0.001308 * z * z * z);
  for (int i = 0; i < 4; ++i) {
    const double upper = normal_cumulative(-z);
    const double density = std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
    z += std::log(upper / tail) * upper / density;
  }
  return probability < 0.5 ? -z : z;
}

ResponseSummary summarise_response(InverseLink link, std::span<const double> mean, std::span<const double> variance,
                                   std::span<const double> probabilities) {
  check(mean.size() == variance.size(), "mean and variance must have the same length, found " +
                                            std::to_string(mean.size()) + " and " + std::to_string(variance.size()) +
                                            ".");
  for (const double probability : probabilities) {
    check(probability > 0.0 && probability < 1.0,
          "probabilities must lie between 0 and 1, found " + std::to_string(probability) + ".");
  }
  ResponseSummary summary;
  summary.mean.reserve(mean.size());
  summary.sd.reserve(mean.size());
  summary.quantiles.reserve(mean.size() * probabilities.size());
  for (std::size_t i = 0; i < mean.size(); ++i) {
    check(std::isfinite(mean[i]) && std::isfinite(variance[i]) && variance[i] >= 0.0,
          "mean must be finite and variance finite and not negative, found " + std::to_string(mean[i]) + " and " +
              std::to_string(variance[i]) + " at index " + std::to_string(i) + ".");
    const auto moments = moments_of(link, mean[i], variance[i]);
    summary.mean.push_back(moments.mean);
    summary.sd.push_back(moments.sd);
    for (const double probability : probabilities) {
      summary.quantiles.push_back(quantile_of(link, mean[i], variance[i], probability));
    }
  }
  return summary;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "inference/criteria/criteria.hpp"
#include "inference/criteria/scaled_sum.hpp"
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

const double log_two_pi = std::log(2.0 * std::numbers::pi);
/** Nodes of sums over a density, in its widths. */
constexpr double nodes_apart = 0.25;
/** A density lower than its peak by this is zero; a bound for the nodes on each side, should it never be. */
constexpr double negligible_log_density = 40.0;
constexpr int most_nodes = 4000;
/** Beyond so many standard deviations nothing is looked for. */
constexpr double farthest_z = 9.0;
constexpr double scan_step = 0.5;
/** Of the search for a peak, in standard deviations. */
constexpr double smallest_reach = 1e-9;
/**
 * Narrower peaks, in standard deviations, are missed by the 31 nodes of a normal density, which lie .56 apart: of one
 * of half a standard deviation they lose e^(-2 pi^2 .25 / .56^2), 1e-7.
 */
constexpr double narrow_width = 0.3;
constexpr double negligible_share = 1e-13;

/** Where z -> log p(y | mean + sd z) - z^2/2 is highest, and how far from there it has fallen by one half. */
struct Peak {
  double z = 0.0;
  double height = 0.0;
  double width = 0.0;
};

template <class Function>
Peak find_peak(const Function& log_weight) {
  Peak peak{0.0, -std::numeric_limits<double>::infinity(), 1.0};
  for (double z = -farthest_z; z <= farthest_z; z += scan_step) {
    const double height = log_weight(z);
    if (height > peak.height) peak = {z, height, 1.0};
  }
  // It has one peak, within a node of the highest one.
  const auto fall = [&](double reach) {
    return peak.height - std::max(log_weight(peak.z - reach), log_weight(peak.z + reach));
  };
  for (double reach = scan_step; reach > smallest_reach; reach *= 0.5) {
    for (const double z : {peak.z - reach, peak.z + reach}) {
      const double height = log_weight(z);
      if (height > peak.height) peak = {z, height, 1.0};
    }
    const double fallen = fall(reach);
    if (fallen >= 0.0 && fallen < 0.1) break;
  }
  while (peak.width > smallest_reach && fall(peak.width) > 0.5) peak.width *= 0.5;
  return peak;
}

/**
 * E F(Z) of a standard normal Z and F that falls from 1 to 0, within a few steps of `inside`: Phi where F is 1, then
 * the trapezoidal rule with the corrections of Euler and Maclaurin at the end where the integrand is not zero
 * [Abramowitz1972, 23.1.30].
 */
template <class Function>
double expected_fall(const Function& cumulative, double inside, double step) {
  double low = inside;
  for (int k = 0; k < most_nodes && low > -farthest_z && cumulative(low) < 1.0 - negligible_share; ++k) low -= step;
  const auto density = [](double z) { return std::exp(-0.5 * (z * z + log_two_pi)); };
  double sum = -0.5 * density(low);
  for (int k = 0; k < 2 * most_nodes; ++k) {
    const double z = low + k * step;
    const double value = cumulative(z);
    sum += value * density(z);
    if (!(value > negligible_share) || z > farthest_z) break;
  }
  const double square = step * step;
  const double low2 = low * low;
  const double slopes = -low / 12.0 - square * low * (3.0 - low2) / 720.0 +
                        square * square * low * (-15.0 + low2 * (10.0 - low2)) / 30240.0;
  return normal_cumulative(low) + step * sum + square * density(low) * slopes;
}

/**
 * Predictive terms of an observation that says much more of eta than the others do: nodes lie as close as its own
 * density asks. P(Y <= y) falls from 1 to 0 as eta rises.
 */
PredictiveTerms narrow_terms(const ObservationDensity& observation, double mean, double sd, const Peak& peak) {
  const double step = nodes_apart * peak.width;
  double density = 1.0;
  for (const double direction : {-1.0, 1.0}) {
    for (int k = 1; k < most_nodes; ++k) {
      const double z = peak.z + direction * k * step;
      const double log_weight = observation.log_density(mean + sd * z) - 0.5 * z * z;
      density += std::exp(log_weight - peak.height);
      if (!(log_weight > peak.height - negligible_log_density)) break;
    }
  }
  PredictiveTerms terms;
  terms.log_density = peak.height + std::log(density * step) - 0.5 * log_two_pi;
  terms.pit = expected_fall([&](double z) { return observation.cumulative(mean + sd * z); }, peak.z, step);
  terms.pit = std::clamp(terms.pit, 0.0, 1.0);
  return terms;
}

}  // namespace

/** Newton's method on orthonormal Hermite polynomials; the rule is that of [Golub1969]. */
QuadratureRule make_normal_quadrature(int num_nodes) {
  const auto count = static_cast<std::size_t>(num_nodes);
  QuadratureRule rule{std::vector<double>(count), std::vector<double>(count)};
  // Physicists' nodes x and weights w of e^-x^2; the normal density has nodes sqrt(2) x and weights w / sqrt(pi).
  double x = 0.0;
  for (int i = 0; i < (num_nodes + 1) / 2; ++i) {
    if (i == 0) {
      x = std::sqrt(2.0 * num_nodes + 1.0) - 1.85575 * std::pow(2.0 * num_nodes + 1.0, -1.0 / 6.0);
    } else if (i == 1) {
      x -= 1.14 * std::pow(static_cast<double>(num_nodes), 0.426) / x;
    } else {
      const double last = rule.nodes[static_cast<std::size_t>(num_nodes - i)] / std::numbers::sqrt2;
      const double before = rule.nodes[static_cast<std::size_t>(num_nodes - i + 1)] / std::numbers::sqrt2;
      const double factor = i == 2 ? 0.86 : i == 3 ? 0.91 : 1.0;
      x = (1.0 + factor) * last - factor * before;
    }
    double slope = 0.0;
    for (int iteration = 0; iteration < 100; ++iteration) {
      double value = std::pow(std::numbers::pi, -0.25);
      double previous = 0.0;
      for (int j = 0; j < num_nodes; ++j) {
        const double next = x * std::sqrt(2.0 / (j + 1.0)) * value - std::sqrt(j / (j + 1.0)) * previous;
        previous = value;
        value = next;
      }
      slope = std::sqrt(2.0 * num_nodes) * previous;
      const double step = value / slope;
      x -= step;
      if (std::abs(step) < 1e-15 * (1.0 + std::abs(x))) break;
    }
    const double weight = 2.0 / (slope * slope) / std::sqrt(std::numbers::pi);
    const auto high = static_cast<std::size_t>(num_nodes - 1 - i);
    rule.nodes[high] = std::numbers::sqrt2 * x;
    rule.nodes[static_cast<std::size_t>(i)] = -std::numbers::sqrt2 * x;
    rule.weights[high] = rule.weights[static_cast<std::size_t>(i)] = weight;
  }
  return rule;
}

const QuadratureRule& normal_quadrature() {
  static const QuadratureRule rule = make_normal_quadrature(31);
  return rule;
}

PredictiveTerms predictive_terms(const ObservationDensity& observation, double mean, double variance) {
  const auto& rule = normal_quadrature();
  const double sd = std::sqrt(variance);
  const auto peak = find_peak([&](double z) { return observation.log_density(mean + sd * z) - 0.5 * z * z; });
  if (std::isfinite(peak.height) && peak.width < narrow_width) return narrow_terms(observation, mean, sd, peak);
  PredictiveTerms terms;
  double density = 0.0;
  double offset = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < rule.nodes.size(); ++i) {
    const double eta = mean + sd * rule.nodes[i];
    add_scaled(rule.weights[i], observation.log_density(eta), density, offset);
    terms.pit += rule.weights[i] * observation.cumulative(eta);
  }
  terms.log_density = offset + std::log(density);
  terms.pit = std::clamp(terms.pit, 0.0, 1.0);
  return terms;
}

PredictiveTerms gaussian_predictive_terms(double y, double precision, double mean, double variance) {
  const double predictive = precision / (1.0 + precision * variance);
  const double standardised = (y - mean) * std::sqrt(predictive);
  return {0.5 * (std::log(predictive) - log_two_pi - standardised * standardised), normal_cumulative(standardised)};
}

}  // namespace tramontana

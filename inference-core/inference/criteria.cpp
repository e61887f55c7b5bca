// SPDX-License-Identifier: Apache-2.0
#include "inference/criteria.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

/** A cavity wider than this many posterior variances is not one: the working likelihood is not the rest's. */
constexpr double smallest_remaining = 0.01;
const double log_two_pi = std::log(2.0 * std::numbers::pi);

/** Adds weight * e^log_value to sum, kept relative to e^offset. */
void add_scaled(double weight, double log_value, double& sum, double& offset) {
  if (!(weight > 0.0) || log_value == -std::numeric_limits<double>::infinity()) return;
  if (log_value > offset) {
    sum *= std::exp(offset - log_value);
    offset = log_value;
  }
  sum += weight * std::exp(log_value - offset);
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

void PointwiseTerms::change_scale(double log_jacobian) {
  expected_squared_log_density += log_jacobian * (2.0 * expected_log_density + log_jacobian);
  expected_log_density += log_jacobian;
  log_expected_density += log_jacobian;
  log_cpo += log_jacobian;
}

PointwiseTerms gaussian_terms(double y, double precision, double mean, double variance) {
  const double r = y - mean;
  const double expected = 0.5 * (std::log(precision) - log_two_pi - precision * (r * r + variance));
  const double spread = 0.25 * precision * precision * (2.0 * variance * variance + 4.0 * variance * r * r);
  const double remaining = 1.0 - precision * variance;
  // Without the observation: Var(Y) = 1 / (precision remaining), y - E(Y) = r / remaining.
  const double standardised = r * std::sqrt(precision / remaining);
  PointwiseTerms terms;
  terms.expected_log_density = expected;
  terms.expected_squared_log_density = spread + expected * expected;
  terms.log_expected_density = gaussian_predictive_terms(y, precision, mean, variance).log_density;
  terms.log_cpo = 0.5 * (std::log(precision * remaining) - log_two_pi - standardised * standardised);
  terms.pit = normal_cumulative(standardised);
  return terms;
}

PredictiveTerms predictive_terms(const ObservationDensity& observation, double mean, double variance) {
  const auto& rule = normal_quadrature();
  const double sd = std::sqrt(variance);
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

PointwiseTerms quadrature_terms(const ObservationDensity& observation, double score, double working_precision,
                                double mean, double variance) {
  const auto& rule = normal_quadrature();
  const double sd = std::sqrt(variance);
  PointwiseTerms terms;
  double density = 0.0;
  double density_offset = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < rule.nodes.size(); ++i) {
    const double value = observation.log_density(mean + sd * rule.nodes[i]);
    terms.expected_log_density += rule.weights[i] * value;
    terms.expected_squared_log_density += rule.weights[i] * value * value;
    add_scaled(rule.weights[i], value, density, density_offset);
  }
  terms.log_expected_density = density_offset + std::log(density);

  // The cavity: the posterior N(mean, variance) divided by the working likelihood e^(score d - working_precision d^2 /
  // 2), d = eta - mean.
  const double remaining = std::clamp(1.0 - working_precision * variance, smallest_remaining, 1.0 / smallest_remaining);
  const double width = sd / std::sqrt(remaining);
  const double centre = mean - score * variance / remaining;
  const auto left_out = predictive_terms(observation, centre, width * width);
  terms.log_cpo = left_out.log_density;
  terms.pit = left_out.pit;
  return terms;
}

CriteriaSum::CriteriaSum(std::size_t n)
    : log_density_(n, 0.0),
      squared_log_density_(n, 0.0),
      density_(n, 0.0),
      inverse_cpo_(n, 0.0),
      pit_(n, 0.0),
      density_offset_(n, -std::numeric_limits<double>::infinity()),
      cpo_offset_(n, -std::numeric_limits<double>::infinity()) {}

void CriteriaSum::add(std::size_t i, double weight, const PointwiseTerms& terms) {
  log_density_[i] += weight * terms.expected_log_density;
  squared_log_density_[i] += weight * terms.expected_squared_log_density;
  add_scaled(weight, terms.log_expected_density, density_[i], density_offset_[i]);
  const double before = cpo_offset_[i];
  add_scaled(weight, -terms.log_cpo, inverse_cpo_[i], cpo_offset_[i]);
  if (cpo_offset_[i] > before) pit_[i] *= std::exp(before - cpo_offset_[i]);
  pit_[i] += weight * std::exp(-terms.log_cpo - cpo_offset_[i]) * terms.pit;
}

void CriteriaSum::finish(double total, std::span<const double> log_density_at_mean, ModelCriteria& criteria) const {
  GroupCriteria group;
  for (std::size_t i = 0; i < log_density_.size(); ++i) {
    const double expected = log_density_[i] / total;
    const double variance = std::max(0.0, squared_log_density_[i] / total - expected * expected);
    criteria.mean_deviance -= 2.0 * expected;
    criteria.deviance_at_mean -= 2.0 * log_density_at_mean[i];
    criteria.waic_effective_parameters += variance;
    criteria.waic -= 2.0 * (density_offset_[i] + std::log(density_[i] / total) - variance);
    group.log_cpo.push_back(-(cpo_offset_[i] + std::log(inverse_cpo_[i] / total)));
    group.pit.push_back(pit_[i] / inverse_cpo_[i]);
  }
  criteria.dic_effective_parameters = criteria.mean_deviance - criteria.deviance_at_mean;
  criteria.dic = criteria.mean_deviance + criteria.dic_effective_parameters;
  criteria.groups.push_back(std::move(group));
  double sum = 0.0;
  std::size_t count = 0;
  for (const auto& finished : criteria.groups) {
    for (const double value : finished.log_cpo) sum += value;
    count += finished.log_cpo.size();
  }
  criteria.log_score = count == 0 ? 0.0 : -sum / static_cast<double>(count);
}

}  // namespace tramontana

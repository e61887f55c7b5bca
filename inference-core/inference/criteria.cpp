// SPDX-License-Identifier: Apache-2.0
#include "inference/criteria.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

/** Of an outlier, whose working precision is negative. */
constexpr double most_remaining = 100.0;
constexpr double widest_cavity = 10.0;
/** Above the rounding of 1 - working_precision * variance. */
constexpr double least_remaining = 1e-12;
const double log_two_pi = std::log(2.0 * std::numbers::pi);

/**
 * Nodes of sums over densities of eta, in the smaller of the widths they are made of. For normal densities such a sum
 * errs by e^(-2 pi^2 / h^2); for the edge that a zero count cuts into a wide one by e^(-pi^2 / (h sd)), 1e-8 at an sd
 * of two.
 */
constexpr double nodes_apart = 0.25;
/** A density lower than its peak by this is zero; a bound for the nodes on each side, should it never be. */
constexpr double negligible_log_density = 40.0;
constexpr int most_nodes = 4000;
/** Beyond so many standard deviations nothing is looked for. */
constexpr double farthest_z = 9.0;
constexpr double scan_step = 0.5;
/** Of the search for a peak, in standard deviations. */
constexpr double smallest_reach = 1e-9;
/** Narrower peaks, in standard deviations, are missed by the 31 nodes of a normal density. */
constexpr double narrow_width = 0.7;
constexpr double negligible_share = 1e-13;

/** What the other observations say of eta. */
struct Cavity {
  double centre = 0.0;
  double width = 0.0;
};

/** A value of eta, its log density up to a constant, and log p(y | eta) there. */
struct PosteriorNode {
  double eta = 0.0;
  double log_weight = 0.0;
  double log_density = 0.0;
};

/** Adds weight * e^log_value to sum, kept relative to e^offset. */
void add_scaled(double weight, double log_value, double& sum, double& offset) {
  if (!(weight > 0.0) || log_value == -std::numeric_limits<double>::infinity()) return;
  if (log_value > offset) {
    sum *= std::exp(offset - log_value);
    offset = log_value;
  }
  sum += weight * std::exp(log_value - offset);
}

/**
 * The density of eta, cavity times likelihood, at equal steps from `mean` to both sides until nothing is left of it and
 * the centre of the cavity is passed, unless the likelihood says where eta is.
 */
std::vector<PosteriorNode> posterior_nodes(const ObservationDensity& observation, double mean, double sd,
                                           const Cavity& cavity) {
  const double step = nodes_apart * std::min(sd, cavity.width);
  const double centre = cavity.width > widest_cavity * sd ? mean : cavity.centre;
  std::vector<PosteriorNode> nodes;
  double peak = -std::numeric_limits<double>::infinity();
  const auto add = [&](double eta) {
    const double z = (eta - cavity.centre) / cavity.width;
    const double log_density = observation.log_density(eta);
    const double log_weight = log_density - 0.5 * z * z;
    if (log_weight > -std::numeric_limits<double>::infinity()) nodes.push_back({eta, log_weight, log_density});
    peak = std::max(peak, log_weight);
    return log_weight;
  };
  add(mean);
  for (const double direction : {-1.0, 1.0}) {
    for (int k = 1; k < most_nodes; ++k) {
      const double eta = mean + direction * k * step;
      const bool is_negligible = !(add(eta) > peak - negligible_log_density);
      if (is_negligible && direction * (eta - centre) > 0.0) break;
    }
  }
  for (auto& node : nodes) node.log_weight -= peak;
  return nodes;
}

/** Expectations over the nodes; those of leaving out stay zero. */
PointwiseTerms posterior_terms(std::span<const PosteriorNode> nodes) {
  PointwiseTerms terms;
  double total = 0.0;
  double density = 0.0;
  double offset = -std::numeric_limits<double>::infinity();
  for (const auto& node : nodes) {
    const double weight = std::exp(node.log_weight);
    total += weight;
    terms.expected_predictor += weight * node.eta;
    terms.expected_log_density += weight * node.log_density;
    terms.expected_squared_log_density += weight * node.log_density * node.log_density;
    add_scaled(weight, node.log_density, density, offset);
  }
  terms.expected_predictor /= total;
  terms.expected_log_density /= total;
  terms.expected_squared_log_density /= total;
  terms.log_expected_density = offset + std::log(density / total);
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

void PointwiseTerms::change_scale(double log_jacobian) {
  expected_squared_log_density += log_jacobian * (2.0 * expected_log_density + log_jacobian);
  expected_log_density += log_jacobian;
  log_expected_density += log_jacobian;
  log_cpo += log_jacobian;
}

PointwiseTerms gaussian_terms(double y, double precision, double mean, double variance) {
  return gaussian_terms(precision, mean, variance, y - mean, 1.0 - precision * variance);
}

PointwiseTerms gaussian_terms(double precision, double mean, double variance, double residual, double remaining) {
  const double r = residual;
  const double expected = 0.5 * (std::log(precision) - log_two_pi - precision * (r * r + variance));
  const double spread = 0.25 * precision * precision * (2.0 * variance * variance + 4.0 * variance * r * r);
  // Without the observation: Var(Y) = 1 / (precision remaining), y - E(Y) = r / remaining.
  const double standardised = r * std::sqrt(precision / remaining);
  PointwiseTerms terms;
  terms.expected_predictor = mean;
  terms.expected_log_density = expected;
  terms.expected_squared_log_density = spread + expected * expected;
  terms.log_expected_density = gaussian_predictive_terms(r, precision, 0.0, variance).log_density;
  terms.log_cpo = 0.5 * (std::log(precision * remaining) - log_two_pi - standardised * standardised);
  terms.pit = normal_cumulative(standardised);
  return terms;
}

namespace {

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
 * Predictive terms of an observation that says much more of eta than the others do: nodes lie as close as its own
 * density asks. P(Y <= y) falls from 1 to 0 as eta rises, so that its expectation is that of Phi over this fall.
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
  const auto cumulative = [&](double z) { return observation.cumulative(mean + sd * z); };
  const double middle = cumulative(peak.z);
  for (const double direction : {-1.0, 1.0}) {
    const double end = direction < 0.0 ? 1.0 : 0.0;
    double before = middle;
    double z = peak.z;
    for (int k = 1; k < most_nodes && std::abs(before - end) > negligible_share; ++k) {
      const double next = cumulative(z + direction * step);
      terms.pit += std::abs(next - before) * normal_cumulative(z + 0.5 * direction * step);
      before = next;
      z += direction * step;
    }
    terms.pit += std::abs(before - end) * normal_cumulative(z);
  }
  terms.pit = std::clamp(terms.pit, 0.0, 1.0);
  return terms;
}

}  // namespace

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

PointwiseTerms quadrature_terms(const ObservationDensity& observation, double score, double working_precision,
                                double mean, double variance) {
  // The cavity: the posterior N(mean, variance) divided by the working likelihood e^(score d - working_precision d^2 /
  // 2), d = eta - mean.
  const double remaining = std::clamp(1.0 - working_precision * variance, least_remaining, most_remaining);
  const Cavity cavity{mean - score * variance / remaining, std::sqrt(variance / remaining)};
  auto terms = posterior_terms(posterior_nodes(observation, mean, std::sqrt(variance), cavity));
  const auto left_out = predictive_terms(observation, cavity.centre, cavity.width * cavity.width);
  terms.log_cpo = left_out.log_density;
  terms.pit = left_out.pit;
  return terms;
}

CriteriaSum::CriteriaSum(std::size_t n)
    : predictor_(n, 0.0),
      log_density_(n, 0.0),
      squared_log_density_(n, 0.0),
      density_(n, 0.0),
      inverse_cpo_(n, 0.0),
      pit_(n, 0.0),
      density_offset_(n, -std::numeric_limits<double>::infinity()),
      cpo_offset_(n, -std::numeric_limits<double>::infinity()) {}

void CriteriaSum::add(std::size_t i, double weight, const PointwiseTerms& terms) {
  predictor_[i] += weight * terms.expected_predictor;
  log_density_[i] += weight * terms.expected_log_density;
  squared_log_density_[i] += weight * terms.expected_squared_log_density;
  add_scaled(weight, terms.log_expected_density, density_[i], density_offset_[i]);
  const double before = cpo_offset_[i];
  add_scaled(weight, -terms.log_cpo, inverse_cpo_[i], cpo_offset_[i]);
  if (cpo_offset_[i] > before) pit_[i] *= std::exp(before - cpo_offset_[i]);
  pit_[i] += weight * std::exp(-terms.log_cpo - cpo_offset_[i]) * terms.pit;
}

std::vector<double> CriteriaSum::expected_predictors(double total) const {
  std::vector<double> result(predictor_);
  for (double& value : result) value /= total;
  return result;
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

// SPDX-License-Identifier: Apache-2.0
#include "inference/criteria/criteria.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include "inference/criteria/scaled_sum.hpp"
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

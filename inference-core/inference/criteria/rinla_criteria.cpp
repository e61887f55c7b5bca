// SPDX-License-Identifier: Apache-2.0
#include "inference/criteria/rinla_criteria.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "inference/criteria/criteria.hpp"

namespace tramontana {
namespace {

constexpr std::size_t num_nodes = 15;

}  // namespace

RinlaTerms rinla_terms(const std::function<double(double)>& log_density, double mean, double variance) {
  static const QuadratureRule rule = make_normal_quadrature(num_nodes);
  const double sd = std::sqrt(variance);
  std::array<double, num_nodes> values{};
  for (std::size_t i = 0; i < num_nodes; ++i) values[i] = log_density(mean + sd * rule.nodes[i]);
  const double lowest = *std::max_element(values.begin(), values.end()) - 0.5 * rule.nodes[0] * rule.nodes[0];
  RinlaTerms terms;
  for (std::size_t i = 0; i < num_nodes; ++i) {
    if (values[i] < lowest) continue;
    terms.log_density += rule.weights[i] * values[i];
    terms.squared_log_density += rule.weights[i] * values[i] * values[i];
    terms.density += rule.weights[i] * std::exp(values[i]);
  }
  terms.density = std::max(terms.density, std::numeric_limits<double>::epsilon());
  return terms;
}

void RinlaCriteriaSum::add(std::size_t i, double weight, const RinlaTerms& terms) {
  sums_[i].log_density += weight * terms.log_density;
  sums_[i].squared_log_density += weight * terms.squared_log_density;
  sums_[i].density += weight * terms.density;
}

void RinlaCriteriaSum::finish(double total, std::span<const double> log_density_at_mean,
                              RinlaCriteria& criteria) const {
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    const double expected = sums_[i].log_density / total;
    const double variance = std::max(0.0, sums_[i].squared_log_density / total - expected * expected);
    const double effective = 2.0 * (log_density_at_mean[i] - expected);
    criteria.dic_effective_parameters += effective;
    criteria.dic += effective - 2.0 * expected;
    criteria.waic_effective_parameters += variance;
    criteria.waic -= 2.0 * (std::log(sums_[i].density / total) - variance);
  }
}

}  // namespace tramontana

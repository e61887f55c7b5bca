// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "tramontana/integration.hpp"

namespace tramontana {

/** Expectations over eta, normal a posteriori, with R-INLA's nodes and its treatment of small values. */
struct RinlaTerms {
  double log_density = 0.0;
  double squared_log_density = 0.0;
  double density = 0.0;
};

/** @param log_density  log p(y | eta) */
[[nodiscard]] RinlaTerms rinla_terms(const std::function<double(double)>& log_density, double mean, double variance);

/** Adds up R-INLA's criteria of one group over the points of a design. */
class RinlaCriteriaSum {
 public:
  explicit RinlaCriteriaSum(std::size_t num_observations) : sums_(num_observations) {}

  /** @param weight  of the point, not normalised */
  void add(std::size_t observation, double weight, const RinlaTerms& terms);

  /** Adds this group's totals. */
  void finish(double total_weight, std::span<const double> log_density_at_mean, RinlaCriteria& criteria) const;

 private:
  std::vector<RinlaTerms> sums_;
};

}  // namespace tramontana

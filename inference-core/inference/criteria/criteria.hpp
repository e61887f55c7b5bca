// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "tramontana/integration.hpp"

namespace tramontana {

/** What the criteria need of one observation at one theta: expectations over eta a posteriori. */
struct PointwiseTerms {
  double expected_predictor = 0.0;            ///< E eta
  double expected_log_density = 0.0;          ///< E log p(y | eta)
  double expected_squared_log_density = 0.0;  ///< E (log p)^2
  double log_expected_density = 0.0;          ///< log E p
  double log_cpo = 0.0;                       ///< log p(y | the other observations) at this theta
  double pit = 0.0;                           ///< P(Y <= y | the other observations) at this theta

  /** From densities of a transform of the response to densities of the response. */
  void change_scale(double log_jacobian);
};

/**
 * Closed forms for y ~ N(eta, 1/precision), eta ~ N(mean, variance) a posteriori; precision * variance < 1.
 *
 * @param residual   y - mean
 * @param remaining  1 - precision * variance: both are to be had more exactly than by these differences
 */
[[nodiscard]] PointwiseTerms gaussian_terms(double precision, double mean, double variance, double residual,
                                            double remaining);
[[nodiscard]] PointwiseTerms gaussian_terms(double y, double precision, double mean, double variance);

/** Distribution of one observation given its predictor. */
struct ObservationDensity {
  std::function<double(double)> log_density;  ///< log p(y | eta)
  std::function<double(double)> cumulative;   ///< P(Y <= y | eta)
};

/** The predictive distribution of an observation at its value. */
struct PredictiveTerms {
  double log_density = 0.0;
  double pit = 0.0;  ///< P(Y <= y)
};

/**
 * For eta ~ N(mean, variance) given the other data, by Gauss-Hermite quadrature with 31 nodes, or over the likelihood
 * where that is too narrow for them.
 */
[[nodiscard]] PredictiveTerms predictive_terms(const ObservationDensity& observation, double mean, double variance);

/** The same for y ~ N(eta, 1/precision), in closed form. */
[[nodiscard]] PredictiveTerms gaussian_predictive_terms(double y, double precision, double mean, double variance);

/**
 * What gaussian_terms() gives, for any likelihood.
 *
 * A posteriori eta has the density of the cavity, the normal approximation of its posterior divided by that of this
 * observation's likelihood, times the likelihood itself: skewed as the data make it, and exact where the rest of the
 * model is normal. Under the normal approximation alone expectations of log p can be anything where counts are zero and
 * the approximation is wide. Sums over equal steps; leave-one-out expectations under the cavity as in
 * predictive_terms() (the identity 1/CPO = E 1/p is of no use: under a normal posterior the expectation diverges
 * for counts).
 *
 * @param score, working_precision  l' and -l'' of the observation at `mean`; the latter may be negative
 * @param mean, variance  of the normal approximation
 */
[[nodiscard]] PointwiseTerms quadrature_terms(const ObservationDensity& observation, double score,
                                              double working_precision, double mean, double variance);

/** Adds up the criteria of one group over the points of a design. */
class CriteriaSum {
 public:
  explicit CriteriaSum(std::size_t num_observations);

  /** @param weight  of the point, not normalised */
  void add(std::size_t observation, double weight, const PointwiseTerms& terms);

  /** E eta of each observation over all points. */
  [[nodiscard]] std::vector<double> expected_predictors(double total_weight) const;

  /** Adds this group's totals to `criteria` and its leave-one-out values at the end of its groups. */
  void finish(double total_weight, std::span<const double> log_density_at_mean, ModelCriteria& criteria) const;

 private:
  std::vector<double> predictor_;
  std::vector<double> log_density_;
  std::vector<double> squared_log_density_;
  std::vector<double> density_;      ///< relative to e^offset
  std::vector<double> inverse_cpo_;  ///< relative to e^-offset
  std::vector<double> pit_;
  std::vector<double> density_offset_;
  std::vector<double> cpo_offset_;
};

/** Nodes, ascending, and weights of Gauss-Hermite quadrature for the standard normal density. */
struct QuadratureRule {
  std::vector<double> nodes;
  std::vector<double> weights;
};
[[nodiscard]] QuadratureRule make_normal_quadrature(int num_nodes);
/** With 31 nodes. */
[[nodiscard]] const QuadratureRule& normal_quadrature();

}  // namespace tramontana

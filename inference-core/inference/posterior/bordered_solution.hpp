// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "inference/posterior/field_conditional.hpp"

namespace tramontana {

/**
 * Mean and border of the posterior of fields and effects, from the fields given data and the Schur complement S_beta of
 * the effects: p of them, fixed and random.
 */
struct BorderedSolution {
  /**
   * Column 0: the posterior mean; columns 1..p: the border columns -Y C with S_beta^-1 = C C'. The posterior covariance
   * is Sigma + sum over border columns of c c', of the latent field as of every predictor.
   */
  ProjectedFields states;
  /** Per group, m_g x (1 + p): y (or working z) - eta of the mean, then -eta of each border column. */
  std::vector<DenseMatrix> residuals;
  /** The effects of the states, p x (1 + p). */
  DenseMatrix state_effects;
  std::vector<double> effects;                ///< their posterior mean
  DenseMatrix effect_covariance;              ///< S_beta^-1, p x p, all entries
  double log_determinant = 0.0;               ///< log|S_beta|
  BlockVector border;                         ///< Y, the fields given X in place of y; spectral
  std::vector<DenseMatrix> border_residuals;  ///< X - A Y per group, m_g x p
};

/**
 * Every quadratic form is a sum of squares of residuals (the energy), never a difference of large numbers.
 *
 * @throws NotPositiveDefinite when S_beta is not
 */
[[nodiscard]] BorderedSolution solve_bordered(const PredictorMap& map, const FieldConditional& field);

}  // namespace tramontana

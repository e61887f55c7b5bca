// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "inference/posterior/gaussian_conditional.hpp"

namespace tramontana {

/** What the posterior at one theta comes to in a number (docs/mathematics.md, section 2). */
struct ObjectiveTerms {
  /** To minimise by theta: Evaluation::objective. */
  double objective = 0.0;
  double log_marginal_likelihood = 0.0;  ///< log p(y | theta), all constants included
  double log_posterior = 0.0;            ///< log p(y | theta) + log p(theta), all constants included
  /** Of fields and effects, in nodal coordinates. */
  double log_determinant_prior = 0.0;
  double log_determinant_posterior = 0.0;
};

/**
 * From a conditional at its mode: energy there, determinants, constants.
 *
 * @throws NotPositiveDefinite (with theta) where theta is so far out that the objective is no number
 */
[[nodiscard]] ObjectiveTerms objective_terms(const GaussianConditional& conditional);

}  // namespace tramontana

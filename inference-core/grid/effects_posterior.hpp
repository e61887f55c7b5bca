// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernels/backend.hpp"

namespace tramontana {

/** Fixed effects given the data and theta, and what they leave of the marginal likelihood. */
struct EffectsPosterior {
  std::vector<double> mean;
  DenseMatrix covariance;        ///< B^-1, both triangles
  double log_determinant = 0.0;  ///< log |B| - log |P|
  double quadratic_form = 0.0;   ///< z' C^-1 z - z' C^-1 X B^-1 X' C^-1 z
};

/**
 * B = P + X' C^-1 X with the prior precision P = prior I.
 *
 * @param products  [z X]' C^-1 [z X]
 * @throws NotPositiveDefinite when the data and the prior leave a combination of effects open
 */
[[nodiscard]] EffectsPosterior effects_posterior(const DenseMatrix& products, double prior_precision,
                                                 const Backend& backend);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "inference/posterior/gaussian_conditional.hpp"

namespace tramontana {

/** The posterior of the latent variables at one theta as a Gaussian. */
struct InnerMode {
  /**
   * Exact for Gaussian data; else the approximation at the mode, given the working observations there [Rue2009]. It
   * refers to the prior it was found for.
   */
  std::unique_ptr<const GaussianConditional> conditional;
  /** Factorisations that the search for the mode took; 1 for Gaussian data. */
  int num_factorisations = 1;
};

/**
 * Searches the mode of the latent variables by Newton's method: each step is the mean of a GaussianConditional, given
 * working observations at the point before. One factorisation is held at a time.
 *
 * @param prior  must outlive the result
 * @throws NotPositiveDefinite (with theta), InnerModeNotFound, InvalidModel, Interrupted
 */
[[nodiscard]] InnerMode find_inner_mode(const PriorAtTheta& prior, const EvaluationOptions& options,
                                        const CancellationToken* cancellation);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "inference/posterior/gaussian_conditional.hpp"
#include "inference/posterior/observation_moments.hpp"

namespace tramontana {

/** From the mode of the latent variables to their mean; one column each. */
struct MeanCorrection {
  BlockVector field;                           ///< spectral coordinates
  DenseMatrix effects;                         ///< of the border, p x 1
  std::vector<std::vector<double>> predictor;  ///< per group, in time order

  /** Adds the nodal values and effects to means in latent order. */
  void add_to_latent(const PriorAtTheta& prior, std::vector<double>& mean) const;
  /** Adds its predictors to the means of designs, an entry each. */
  void add_to_predictions(const PriorAtTheta& prior, std::span<const PredictionDesign> designs,
                          std::vector<PredictionMoments>& moments) const;
};

/**
 * The mean of the normal density, of the covariance at the mode, that is nearest to the posterior in the
 * Kullback-Leibler sense, E log q/p [VanNiekerkRue2024]: where the gradient of E log p(y | eta) + log p(x) is zero,
 * expectations over the normal eta. Skewed likelihoods (counts, gamma) have their mean away from the mode; the normal
 * approximation at the mode alone puts an intercept off by up to half its standard deviation.
 *
 * Conjugate gradients in the space of the data, preconditioned by the posterior at the mode: Q d = A' r for a vector r
 * of the data, so that a step takes one solve and no factorisation.
 *
 * @param moments  of the predictors at the mode
 * @return nothing where all is Gaussian, or where the likelihood cannot be averaged that far from the mode
 */
[[nodiscard]] std::optional<MeanCorrection> mean_correction(const GaussianConditional& posterior,
                                                            const std::vector<PredictorMoments>& moments);

}  // namespace tramontana

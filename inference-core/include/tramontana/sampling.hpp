// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tramontana/engine.hpp"

namespace tramontana {

/** A theta to draw at, such as a point of an integration design, or the mode with weight 1. */
struct SamplingPoint {
  std::vector<double> theta;
  double weight = 0.0;  ///< not negative; need not be normalised
};

struct SamplingOptions {
  int num_samples = 100;
  std::uint64_t seed = 1;
  /** Draw every latent variable. */
  bool latent = false;
  /** Predictors to be drawn. */
  std::vector<PredictionDesign> predictions;
  EvaluationOptions evaluation;
};

/**
 * Joint draws; samples of one point stand together, in the order of the points. Of several ranks the first has them.
 */
struct PosteriorSamples {
  std::vector<std::int32_t> points;  ///< of each sample
  /** [sample][v by step, process, node, then fixed effects]; empty unless asked for. */
  std::vector<double> latent;
  /** A design each, [sample][time_indices][num_rows]: predictors without noise. */
  std::vector<std::vector<double>> predictions;
};

/**
 * Joint draws from sum_k w_k p_G(x | y, theta_k), for statements about several places and days at once.
 *
 * Perturb and solve: with (x*, b*) from the prior and y* = A x* + X b* + e* from the model, (x*, b*) + E[(x, b) | y -
 * y*] is a draw from the posterior. The prior's factor is a set of scalar tridiagonal ones, so that a draw costs 4 n^2
 * flops a step besides one factorisation a point. Samples are shared out by systematic resampling. Equal seeds give
 * equal samples, whatever the number of threads; sample s does not depend on how many follow.
 *
 * @throws InvalidModel  no point with a positive weight, a design that does not fit, or a likelihood whose curvature is
 *                       negative at the mode (outliers of a Student t)
 * @throws NotPositiveDefinite, InnerModeNotFound, Interrupted
 */
[[nodiscard]] PosteriorSamples sample_posterior(const PreparedModel& model, std::span<const SamplingPoint> points,
                                                const SamplingOptions& options,
                                                const CancellationToken* cancellation = nullptr);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <span>
#include <vector>

#include "inference/posterior/observation_moments.hpp"
#include "tramontana/integration.hpp"

namespace tramontana {

/** What an integration keeps of the posterior at one theta. */
struct PointSummary {
  double log_posterior = -std::numeric_limits<double>::infinity();
  std::vector<double> latent_mean;
  std::vector<double> latent_variance;
  std::vector<PredictorMoments> observations;  ///< of the normal approximation at the mode
  /** Per group, from the mode of the predictors to their mean; empty where they are the same. */
  std::vector<std::vector<double>> mean_shift;
  std::vector<PredictionMoments> predictions;
  std::vector<double> fixed_mean;
  std::vector<double> fixed_variance;
  std::vector<std::vector<double>> likelihood_parameters;  ///< a group
};

/**
 * The posterior at one theta: its log density, and with moments what the options ask for. Means are corrected for the
 * skewness of likelihoods (mean_correction.hpp).
 *
 * @throws NotPositiveDefinite, InnerModeNotFound, Interrupted
 */
[[nodiscard]] PointSummary summarise_at(const PreparedModel& model, std::span<const double> theta, bool with_moments,
                                        const IntegrationOptions& options, const CancellationToken* cancellation);

/** A summary as numbers, and back: what ranks tell each other. */
[[nodiscard]] std::vector<double> message_of(const PointSummary& summary);
[[nodiscard]] PointSummary summary_of(std::span<const double> message);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "inference/posterior/design_moments.hpp"
#include "inference/posterior/mean_correction.hpp"
#include "inference/posterior/observation_moments.hpp"
#include "inference/posterior/posterior.hpp"
#include "matrix/block_memory.hpp"

namespace tramontana {

std::vector<PredictionMoments> predict(const PreparedModel& model, std::span<const double> theta,
                                       std::span<const PredictionDesign> designs, const EvaluationOptions& options,
                                       const CancellationToken* cancellation) {
  const KeepBlocks keep_blocks;
  check_designs(model, designs);
  auto each_step = options;
  each_step.latent = true;
  const Posterior whole(model, theta, each_step, cancellation);
  const auto& posterior = whole.conditional();
  DesignMoments moments(posterior, designs);
  std::optional<ObservationMoments> observations;
  if (!model.is_gaussian()) observations.emplace(posterior);
  posterior.for_each_covariance([&](const StepCovariance& group) {
    StepVariances variances(posterior, group);
    moments.visit(variances);
    if (observations) observations->visit(variances);
  });
  auto result = moments.take();
  if (!observations) return result;
  const auto correction = mean_correction(posterior, observations->take());
  if (correction) correction->add_to_predictions(posterior.prior(), designs, result);
  return result;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/design_moments.hpp"
#include "inference/posterior.hpp"
#include "matrix/block_memory.hpp"

namespace tramontana {

std::vector<PredictionMoments> predict(const PreparedModel& model, std::span<const double> theta,
                                       std::span<const PredictionDesign> designs, const EvaluationOptions& options,
                                       const CancellationToken* cancellation) {
  const KeepBlocks keep_blocks;
  check_designs(model, designs);
  auto each_step = options;
  each_step.latent = true;
  const Posterior posterior(model, theta, each_step, cancellation);
  DesignMoments moments(posterior, designs);
  posterior.for_each_covariance([&](const CovarianceGroup& group) {
    GroupVariances variances(posterior, group);
    moments.visit(variances);
  });
  return moments.take();
}

}  // namespace tramontana

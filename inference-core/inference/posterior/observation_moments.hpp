// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "inference/posterior/step_variances.hpp"

namespace tramontana {

/** Posterior moments of the predictor eta at the observations of one group, in time order of ObservationModel. */
struct PredictorMoments {
  std::vector<double> mean;
  std::vector<double> variance;
  /** Of a Gaussian group: y - mean, and 1 - variance / noise variance. No differences, where data space has them. */
  std::vector<double> residual;
  std::vector<double> remaining;
};

/**
 * Collects mean and variance of eta_i = a_i' v + x_i' beta at every observation from the covariance groups.
 *
 * Var(eta_i) = a_i' Sigma_tt a_i + sum over border columns c of (a_i' c + x_i' c_beta)^2, so that fixed effects and
 * their cross-covariance with the field are included. To be fed by the pass that also serves gradient or latent
 * variances; a step costs what StepVariances::rows() costs for its observations.
 */
class ObservationMoments {
 public:
  explicit ObservationMoments(const GaussianConditional& posterior);
  void visit(StepVariances& variances);
  void visit(const StepCovariance& group);
  /** One entry a group; complete after every group has been seen. Collective over the visitors. */
  [[nodiscard]] std::vector<PredictorMoments> take();

 private:
  const GaussianConditional& posterior_;
  std::vector<PredictorMoments> moments_;
};

}  // namespace tramontana

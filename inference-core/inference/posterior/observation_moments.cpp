// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/observation_moments.hpp"

#include <utility>

#include "matrix/csr_operations.hpp"

namespace tramontana {

ObservationMoments::ObservationMoments(const GaussianConditional& posterior) : posterior_(posterior) {
  const auto& prepared = posterior.prepared();
  const auto& effects = posterior.solution().state_effects;
  for (std::size_t index = 0; index < posterior.observations().size(); ++index) {
    const auto& observations = posterior.observations()[index];
    const std::size_t j = observations.process();
    auto eta = posterior.map().predictor(posterior.solution().states, index);
    for (std::size_t column = 0; column < eta.columns(); ++column) {
      for (std::size_t c = 0; c < observations.num_covariates(); ++c) {
        const double effect = effects(prepared.fixed_effect_offset(j) + c, column);
        const double* covariate = observations.design().column(1 + c);
        for (std::size_t i = 0; i < eta.rows(); ++i) eta(i, column) += effect * covariate[i];
      }
    }
    PredictorMoments moments;
    moments.mean.assign(eta.data(), eta.data() + eta.rows());
    moments.variance.assign(eta.rows(), 0.0);
    // What all ranks know alike is counted once.
    const std::size_t last = posterior.visitors().is_root() ? eta.columns() : 1;
    for (std::size_t column = 1; column < last; ++column) {
      for (std::size_t i = 0; i < eta.rows(); ++i) moments.variance[i] += eta(i, column) * eta(i, column);
    }
    moments_.push_back(std::move(moments));
  }
}

std::vector<PredictorMoments> ObservationMoments::take() {
  const auto visitors = posterior_.visitors();
  for (auto& moments : moments_) visitors.sum(moments.variance);
  for (std::size_t index = 0; index < moments_.size(); ++index) {
    const auto& observations = posterior_.observations()[index];
    if (!observations.is_gaussian()) continue;
    const auto& residuals = posterior_.solution().residuals[index];
    auto& moments = moments_[index];
    moments.residual.assign(residuals.data(), residuals.data() + residuals.rows());
    for (std::size_t i = 0; i < residuals.rows(); ++i) {
      const double precision = posterior_.prior().noise_precision(index) * observations.weights()[i];
      auto remaining = posterior_.field().remaining(index, i);
      for (std::size_t column = 1; remaining && column < residuals.columns(); ++column) {
        *remaining -= precision * residuals(i, column) * residuals(i, column);
      }
      moments.remaining.push_back(remaining.value_or(1.0 - precision * moments.variance[i]));
    }
  }
  return std::move(moments_);
}

void ObservationMoments::visit(const StepCovariance& group) {
  StepVariances variances(posterior_, group);
  visit(variances);
}

void ObservationMoments::visit(StepVariances& variances) {
  const auto& group = variances.group();
  for (std::size_t index = 0; index < posterior_.observations().size(); ++index) {
    const auto& observations = posterior_.observations()[index];
    // Steps of one group share their covariance, hence their pattern of rows.
    const auto [first, last] = observations.rows_of(group.steps.front());
    if (first == last) continue;
    const auto share = variances.rows(observations.process(), row_range(observations.projector(), first, last));
    for (const auto step : group.steps) {
      double* target = moments_[index].variance.data() + observations.rows_of(step).first;
      for (std::size_t i = 0; i < share.size(); ++i) target[i] += share[i];
    }
  }
}

}  // namespace tramontana

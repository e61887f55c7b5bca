// SPDX-License-Identifier: Apache-2.0
#include "inference/integration/integration_point.hpp"

#include <optional>

#include "communicator/message.hpp"
#include "inference/posterior/design_moments.hpp"
#include "inference/posterior/latent_summaries.hpp"
#include "inference/posterior/mean_correction.hpp"
#include "inference/posterior/posterior.hpp"
#include "model/number_text.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {

namespace {

/** What is left of an observation's noise variance must be this many times the rounding error of its share. */
constexpr double known_remaining = 10.0;

/** @throws NotPositiveDefinite where rounding has taken what leaving out an observation is computed from */
void check_remaining(const GaussianConditional& posterior, const std::vector<PredictorMoments>& groups) {
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t i = 0; i < groups[g].remaining.size(); ++i) {
      if (posterior.field().remaining(g, i)) continue;
      if (groups[g].remaining[i] > known_remaining * posterior.field().rounding_error()) continue;
      throw NotPositiveDefinite(
          "Criteria must have more of the noise variance of an observation left than rounding takes, found a share "
          "of " +
              number_text(groups[g].remaining[i]) + " beside an error of " +
              number_text(posterior.field().rounding_error()) +
              ": the noise is next to nothing. Integrate without criteria.",
          {{"group", static_cast<std::int64_t>(g)},
           {"remaining", groups[g].remaining[i]},
           {"relativeError", posterior.field().rounding_error()}});
    }
  }
}

}  // namespace

PointSummary summarise_at(const PreparedModel& model, std::span<const double> theta, bool with_moments,
                          const IntegrationOptions& options, const CancellationToken* cancellation) {
  auto evaluation = options.evaluation;
  evaluation.latent = evaluation.latent || with_moments;
  const Posterior whole(model, theta, evaluation, cancellation);
  const auto& posterior = whole.conditional();
  PointSummary found;
  found.log_posterior = whole.terms().log_posterior;
  if (!with_moments) return found;
  for (std::size_t g = 0; g < model.observations().size(); ++g) {
    found.likelihood_parameters.push_back(posterior.prior().likelihood_parameters(g));
  }
  found.fixed_mean = posterior.solution().effects;
  for (std::size_t i = 0; i < found.fixed_mean.size(); ++i) {
    found.fixed_variance.push_back(posterior.solution().effect_covariance(i, i));
  }
  std::optional<MarginalVariances> variances;
  std::optional<ObservationMoments> observations;
  std::optional<DesignMoments> predictions;
  if (options.latent) {
    found.latent_mean = latent_mean(posterior);
    variances.emplace(posterior);
  }
  if (options.criteria || !model.is_gaussian()) observations.emplace(posterior);
  if (!options.predictions.empty()) predictions.emplace(posterior, options.predictions);
  if (variances || observations || predictions) {
    posterior.for_each_covariance([&](const StepCovariance& group) {
      StepVariances shared(posterior, group);
      if (variances) variances->visit(shared);
      if (observations) observations->visit(shared);
      if (predictions) predictions->visit(shared);
    });
  }
  if (variances) found.latent_variance = variances->take();
  if (observations) found.observations = observations->take();
  if (options.criteria) check_remaining(posterior, found.observations);
  if (predictions) found.predictions = predictions->take();
  if (const auto correction = mean_correction(posterior, found.observations)) {
    for (std::size_t i = 0; i < found.fixed_mean.size(); ++i) found.fixed_mean[i] += correction->effects(i, 0);
    if (options.latent) correction->add_to_latent(posterior.prior(), found.latent_mean);
    correction->add_to_predictions(posterior.prior(), options.predictions, found.predictions);
    found.mean_shift = correction->predictor;
  }
  return found;
}

std::vector<double> message_of(const PointSummary& summary) {
  MessageWriter message;
  message.add(summary.log_posterior);
  message.add(summary.latent_mean);
  message.add(summary.latent_variance);
  message.add(static_cast<double>(summary.observations.size()));
  for (const auto& moments : summary.observations) {
    for (const auto* part : {&moments.mean, &moments.variance, &moments.residual, &moments.remaining}) {
      message.add(*part);
    }
  }
  message.add_each(summary.mean_shift);
  message.add(static_cast<double>(summary.predictions.size()));
  for (const auto& moments : summary.predictions) {
    message.add(moments.mean);
    message.add(moments.variance);
  }
  message.add(summary.fixed_mean);
  message.add(summary.fixed_variance);
  message.add_each(summary.likelihood_parameters);
  return message.take();
}

PointSummary summary_of(std::span<const double> numbers) {
  MessageReader message(numbers);
  PointSummary summary;
  summary.log_posterior = message.number();
  summary.latent_mean = message.vector();
  summary.latent_variance = message.vector();
  summary.observations.resize(message.count());
  for (auto& moments : summary.observations) {
    for (auto* part : {&moments.mean, &moments.variance, &moments.residual, &moments.remaining}) {
      *part = message.vector();
    }
  }
  summary.mean_shift = message.vectors();
  summary.predictions.resize(message.count());
  for (auto& moments : summary.predictions) {
    moments.mean = message.vector();
    moments.variance = message.vector();
  }
  summary.fixed_mean = message.vector();
  summary.fixed_variance = message.vector();
  summary.likelihood_parameters = message.vectors();
  return summary;
}

}  // namespace tramontana

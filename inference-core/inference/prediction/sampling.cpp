// SPDX-License-Identifier: Apache-2.0
#include "tramontana/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "inference/posterior/design_moments.hpp"
#include "inference/posterior/latent_summaries.hpp"
#include "inference/posterior/mean_correction.hpp"
#include "inference/posterior/posterior.hpp"
#include "inference/posterior/prior_draws.hpp"
#include "inference/prediction/share_out.hpp"
#include "matrix/block_memory.hpp"
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

/** Draws solved for at once: enough for matrix products, few enough for memory. */
constexpr std::size_t batch_size = 32;

/** @throws InvalidModel where a working weight is negative: there is no noise to draw */
void require_concave(const GaussianConditional& posterior) {
  for (std::size_t group = 0; group < posterior.observations().size(); ++group) {
    const auto& observed = posterior.observations()[group];
    for (std::size_t i = 0; i < observed.num_observations(); ++i) {
      const double precision = posterior.prior().noise_precision(group) * observed.weights()[i];
      if (precision > 0.0) continue;
      throw InvalidModel("Joint samples need a likelihood that is concave at the mode; observation " +
                             std::to_string(observed.original_order()[i]) + " of observations[" +
                             std::to_string(group) + "] is an outlier with the curvature " +
                             std::to_string(-precision) + ".",
                         {{"group", static_cast<std::int64_t>(group)}, {"precision", precision}});
    }
  }
}

/** What turns draws around the mode into draws around the mean; one selected inverse, where the two differ. */
std::optional<MeanCorrection> correction_of(const GaussianConditional& posterior) {
  if (posterior.prepared().is_gaussian()) return std::nullopt;
  ObservationMoments observations(posterior);
  posterior.for_each_covariance([&](const StepCovariance& group) { observations.visit(group); });
  return mean_correction(posterior, observations.take());
}

/** Perturb and solve: a draw of the prior, and the mean given y less the data that the draw simulates. */
LatentDraws draw_posterior(const GaussianConditional& posterior, const std::optional<MeanCorrection>& correction,
                           std::vector<RandomNormal>& streams) {
  auto draws = draw_prior(posterior.prior(), streams, FixedEffectDraws::drawn);
  auto data = simulate_data(posterior.map(), draws, streams);
  for (std::size_t group = 0; group < data.size(); ++group) {
    const double* y = posterior.observations()[group].design().column(0);
    for (std::size_t column = 0; column < data[group].columns(); ++column) {
      for (std::size_t i = 0; i < data[group].rows(); ++i) data[group](i, column) = y[i] - data[group](i, column);
    }
  }
  const auto mean = posterior.solve_for_data(data);
  for (std::size_t step = 0; step < draws.field.num_blocks(); ++step) {
    auto block = draws.field.block(step);
    const auto shift = mean.field.block(step);
    for (std::size_t column = 0; column < block.columns; ++column) {
      for (std::size_t i = 0; i < block.rows; ++i) block(i, column) += shift(i, column);
      if (!correction) continue;
      for (std::size_t i = 0; i < block.rows; ++i) block(i, column) += correction->field.block(step)(i, 0);
    }
  }
  for (std::size_t i = 0; i < draws.effects.rows() * draws.effects.columns(); ++i) {
    draws.effects.data()[i] += mean.effects.data()[i];
    if (correction) draws.effects.data()[i] += correction->effects(i % draws.effects.rows(), 0);
  }
  return draws;
}

/** Writes the draws where the samples from `first` on have their place. */
void store(const PriorAtTheta& prior, const LatentDraws& draws, const SamplingOptions& options, std::size_t first,
           PosteriorSamples& samples) {
  const auto& prepared = prior.prepared();
  const std::size_t num_nodes = prepared.num_nodes();
  const std::size_t num_field = prepared.num_steps() * prepared.block_size();
  for (std::size_t process = 0; process < prepared.num_processes(); ++process) {
    const bool is_predicted = std::any_of(
        options.predictions.begin(), options.predictions.end(),
        [&](const PredictionDesign& design) { return static_cast<std::size_t>(design.process) == process; });
    if (!options.latent && !is_predicted) continue;
    const auto fields = response_fields(prior, draws.field, process);
    for (std::size_t d = 0; d < options.predictions.size(); ++d) {
      const auto& design = options.predictions[d];
      if (static_cast<std::size_t>(design.process) != process) continue;
      const auto values = design_values(prepared, design, fields, draws.effects);
      std::copy_n(values.data(), values.rows() * values.columns(),
                  samples.predictions[d].begin() + static_cast<std::ptrdiff_t>(first * values.rows()));
    }
    if (!options.latent) continue;
    for (std::size_t column = 0; column < fields.num_columns(); ++column) {
      double* sample = samples.latent.data() + (first + column) * (num_field + draws.effects.rows());
      for (std::size_t step = 0; step < prepared.num_steps(); ++step) {
        std::copy_n(fields.block(step).column(column), num_nodes,
                    sample + step * prepared.block_size() + process * num_nodes);
      }
      for (std::size_t i = 0; i < draws.effects.rows(); ++i) sample[num_field + i] = draws.effects(i, column);
    }
  }
}

}  // namespace

PosteriorSamples sample_posterior(const PreparedModel& model, std::span<const SamplingPoint> points,
                                  const SamplingOptions& options, const CancellationToken* cancellation) {
  const KeepBlocks keep_blocks;
  if (options.num_samples < 1) {
    throw InvalidModel("numSamples must be at least 1, found " + std::to_string(options.num_samples) + ".",
                       {{"field", std::string("numSamples")}});
  }
  if (points.empty()) throw InvalidModel("At least one sampling point must have a positive weight, found none.");
  for (const auto& point : points) model.check_theta(point.theta);
  check_designs(model, options.predictions);
  const auto count = static_cast<std::size_t>(options.num_samples);
  PosteriorSamples samples;
  samples.points = share_out(points, count, options.seed);
  if (options.latent) {
    samples.latent.resize(count * (model.num_steps() * model.block_size() + model.num_border_columns()));
  }
  for (const auto& design : options.predictions) {
    samples.predictions.emplace_back(count * design.time_indices.size() *
                                     static_cast<std::size_t>(design.projector.num_rows));
  }
  for (std::size_t first = 0; first < count;) {
    const auto point = static_cast<std::size_t>(samples.points[first]);
    const Posterior whole(model, points[point].theta, options.evaluation, cancellation);
    const auto& posterior = whole.conditional();
    require_concave(posterior);
    const auto correction = correction_of(posterior);
    while (first < count && static_cast<std::size_t>(samples.points[first]) == point) {
      if (cancellation != nullptr) cancellation->throw_if_cancelled();
      std::vector<RandomNormal> streams;
      for (std::size_t s = first; s < count && streams.size() < batch_size; ++s) {
        if (static_cast<std::size_t>(samples.points[s]) != point) break;
        streams.push_back(RandomNormal::stream(options.seed, s));
      }
      store(posterior.prior(), draw_posterior(posterior, correction, streams), options, first, samples);
      first += streams.size();
    }
  }
  return samples;
}

}  // namespace tramontana

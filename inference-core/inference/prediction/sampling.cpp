// SPDX-License-Identifier: Apache-2.0
#include "tramontana/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "communicator/message.hpp"
#include "inference/posterior/design_moments.hpp"
#include "inference/posterior/latent_summaries.hpp"
#include "inference/posterior/mean_correction.hpp"
#include "inference/posterior/posterior.hpp"
#include "inference/posterior/prior_draws.hpp"
#include "inference/posterior/shared_evaluations.hpp"
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

/** Samples in a row that are drawn at one point. */
struct Piece {
  std::size_t point = 0;
  std::size_t first = 0;
  std::size_t count = 0;
};

/** The samples of each point, in as many pieces as there are ranks where the points are fewer. */
std::vector<Piece> pieces_of(const std::vector<std::int32_t>& points, int num_ranks) {
  std::vector<Piece> whole;
  for (std::size_t s = 0; s < points.size(); ++s) {
    const auto point = static_cast<std::size_t>(points[s]);
    if (whole.empty() || whole.back().point != point) whole.push_back({point, s, 0});
    ++whole.back().count;
  }
  if (whole.size() >= static_cast<std::size_t>(num_ranks)) return whole;
  std::vector<Piece> pieces;
  for (const auto& [point, first, count] : whole) {
    const std::size_t size = (count + static_cast<std::size_t>(num_ranks) - 1) / static_cast<std::size_t>(num_ranks);
    for (std::size_t at = 0; at < count; at += size) pieces.push_back({point, first + at, std::min(size, count - at)});
  }
  return pieces;
}

class Sampling {
 public:
  Sampling(const PreparedModel& model, std::span<const SamplingPoint> points, const SamplingOptions& options,
           const CancellationToken* cancellation)
      : model_(model), points_(points), options_(options), cancellation_(cancellation) {}

  PosteriorSamples run() {
    const auto count = static_cast<std::size_t>(options_.num_samples);
    const auto ranks = ranks_of(options_.evaluation);
    PosteriorSamples samples;
    samples.points = share_out(points_, count, options_.seed);
    const auto pieces = pieces_of(samples.points, ranks.size());
    if (ranks.is_root()) make_room(count, samples);
    if (ranks.size() == 1) {
      for (const auto& piece : pieces) draw(piece, options_.evaluation, piece.first, samples);
      return samples;
    }
    const SharedEvaluations shared(
        model_.backend(), options_.evaluation,
        groups_of_ranks(model_, points_[pieces.front().point].theta, pieces.size(), options_.evaluation),
        flops_of_evaluation(model_));
    const auto drawn = shared.run(
        pieces.size(),
        [&](std::size_t index) {
          PosteriorSamples part;
          make_room(pieces[index].count, part);
          draw(pieces[index], shared.options(), 0, part);
          MessageWriter message;
          message.add(part.latent);
          message.add_each(part.predictions);
          return message.take();
        },
        SharedJobs::Results::for_root);
    for (std::size_t index = 0; index < pieces.size() && ranks.is_root(); ++index) {
      MessageReader message(drawn[index]);
      put(message.vector(), pieces[index].first * num_latent(), samples.latent);
      const auto predictions = message.vectors();
      for (std::size_t d = 0; d < predictions.size(); ++d) {
        put(predictions[d], pieces[index].first * num_predicted(options_.predictions[d]), samples.predictions[d]);
      }
    }
    return samples;
  }

 private:
  [[nodiscard]] std::size_t num_latent() const {
    return options_.latent ? model_.num_steps() * model_.block_size() + model_.num_border_columns() : 0;
  }
  [[nodiscard]] static std::size_t num_predicted(const PredictionDesign& design) {
    return design.time_indices.size() * static_cast<std::size_t>(design.projector.num_rows);
  }
  void make_room(std::size_t count, PosteriorSamples& samples) const {
    samples.latent.resize(count * num_latent());
    for (const auto& design : options_.predictions) samples.predictions.emplace_back(count * num_predicted(design));
  }
  static void put(const std::vector<double>& part, std::size_t at, std::vector<double>& whole) {
    std::copy(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(at));
  }

  /** Draws a piece, its first sample at place `at` of `samples`. */
  void draw(const Piece& piece, const EvaluationOptions& evaluation, std::size_t at, PosteriorSamples& samples) const {
    const Posterior whole(model_, points_[piece.point].theta, evaluation, cancellation_);
    const auto& posterior = whole.conditional();
    require_concave(posterior);
    const auto correction = correction_of(posterior);
    for (std::size_t done = 0; done < piece.count;) {
      // A rank of several must not leave the others between two messages; they ask where they agree.
      if (cancellation_ != nullptr && ranks_of(evaluation).size() == 1) cancellation_->throw_if_cancelled();
      std::vector<RandomNormal> streams;
      while (done + streams.size() < piece.count && streams.size() < batch_size) {
        streams.push_back(RandomNormal::stream(options_.seed, piece.first + done + streams.size()));
      }
      store(posterior.prior(), draw_posterior(posterior, correction, streams), options_, at + done, samples);
      done += streams.size();
    }
  }

  const PreparedModel& model_;
  std::span<const SamplingPoint> points_;
  const SamplingOptions& options_;
  const CancellationToken* cancellation_;
};

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
  return Sampling(model, points, options, cancellation).run();
}

}  // namespace tramontana

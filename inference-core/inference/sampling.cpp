// SPDX-License-Identifier: Apache-2.0
#include "tramontana/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "inference/design_moments.hpp"
#include "inference/latent_summaries.hpp"
#include "inference/posterior.hpp"
#include "inference/random_normal.hpp"
#include "inference/small_dense.hpp"
#include "matrix/block_memory.hpp"

namespace tramontana {
namespace {

/** Draws solved for at once: enough for matrix products, few enough for memory. */
constexpr std::size_t batch_size = 32;

/** A stream of its own for every sample. */
RandomNormal stream(std::uint64_t seed, std::size_t sample) {
  return RandomNormal(seed + 0xd1342543de82ef95ULL * (static_cast<std::uint64_t>(sample) + 1));
}

/** Systematic resampling: the point of each of n samples, ascending. */
std::vector<std::int32_t> share_out(std::span<const SamplingPoint> points, std::size_t num_samples,
                                    std::uint64_t seed) {
  double total = 0.0;
  for (const auto& point : points) {
    if (!(point.weight >= 0.0) || !std::isfinite(point.weight)) {
      throw InvalidModel("Weights of sampling points must not be negative, found " + std::to_string(point.weight) +
                         ".");
    }
    total += point.weight;
  }
  if (!(total > 0.0)) throw InvalidModel("At least one sampling point must have a positive weight, found none.");
  RandomNormal normal = RandomNormal(seed);
  const double start = 0.5 * std::erfc(-normal() / std::numbers::sqrt2);
  std::vector<std::int32_t> result;
  std::size_t point = 0;
  double reached = points[0].weight;
  for (std::size_t sample = 0; sample < num_samples; ++sample) {
    const double target = (static_cast<double>(sample) + start) / static_cast<double>(num_samples) * total;
    while (reached < target && point + 1 < points.size()) reached += points[++point].weight;
    result.push_back(static_cast<std::int32_t>(point));
  }
  return result;
}

/** A few draws: fields u in spectral coordinates and border effects. */
struct Draws {
  BlockVector field;
  DenseMatrix effects;
};

/** From the prior: white noise in the order step, process and mode, then border, column by column. */
Draws draw_prior(const Posterior& posterior, std::vector<RandomNormal>& streams) {
  const auto& prepared = posterior.prepared();
  Draws draws{BlockVector(prepared.num_steps(), prepared.block_size(), streams.size()),
              DenseMatrix::zero(prepared.num_fixed_effects(), streams.size())};
  for (std::size_t column = 0; column < streams.size(); ++column) {
    for (std::size_t step = 0; step < prepared.num_steps(); ++step) {
      double* values = draws.field.block(step).column(column);
      for (std::size_t i = 0; i < prepared.block_size(); ++i) values[i] = streams[column]();
    }
  }
  for (std::size_t k = 0; k < prepared.num_processes(); ++k) {
    posterior.priors()[k].color(draws.field, k * prepared.num_nodes());
  }
  if (prepared.num_fixed_effects() == 0) return draws;
  const auto inverse_factor =
      small_triangular_inverse(small_cholesky(posterior.border_precision(), "prior of the border"));
  for (std::size_t column = 0; column < streams.size(); ++column) {
    for (std::size_t j = 0; j < draws.effects.rows(); ++j) {
      const double white = streams[column]();
      for (std::size_t i = 0; i <= j; ++i) draws.effects(i, column) += inverse_factor(j, i) * white;
    }
  }
  return draws;
}

/** y - y* per group, y* from the model given the draws. */
std::vector<DenseMatrix> perturbed_data(const Posterior& posterior, const Draws& draws,
                                        std::vector<RandomNormal>& streams) {
  const auto& prepared = posterior.prepared();
  const auto projected = posterior.project(draws.field);
  std::vector<DenseMatrix> result;
  for (std::size_t group = 0; group < posterior.observations().size(); ++group) {
    const auto& observed = posterior.observations()[group];
    const auto design = observed.design();
    const std::size_t offset = prepared.fixed_effect_offset(observed.process());
    auto values = posterior.predictor(projected, group);
    for (std::size_t column = 0; column < values.columns(); ++column) {
      for (std::size_t i = 0; i < values.rows(); ++i) {
        double value = values(i, column);
        for (std::size_t c = 0; c < observed.num_covariates(); ++c) {
          value += design(i, 1 + c) * draws.effects(offset + c, column);
        }
        const double precision = posterior.noise_precision(group) * observed.weights()[i];
        if (!(precision > 0.0)) {
          throw InvalidModel("Joint samples need a likelihood that is concave at the mode; observation " +
                                 std::to_string(observed.original_order()[i]) + " of observations[" +
                                 std::to_string(group) + "] is an outlier with the curvature " +
                                 std::to_string(-precision) + ".",
                             {{"group", static_cast<std::int64_t>(group)}, {"precision", precision}});
        }
        values(i, column) = design(i, 0) - value - streams[column]() / std::sqrt(precision);
      }
    }
    result.push_back(std::move(values));
  }
  return result;
}

Draws draw_posterior(const Posterior& posterior, std::vector<RandomNormal>& streams) {
  auto draws = draw_prior(posterior, streams);
  const auto data = perturbed_data(posterior, draws, streams);
  const auto mean = posterior.solve_for_data(data);
  for (std::size_t step = 0; step < draws.field.num_blocks(); ++step) {
    auto block = draws.field.block(step);
    const auto shift = mean.field.block(step);
    for (std::size_t column = 0; column < block.columns; ++column) {
      for (std::size_t i = 0; i < block.rows; ++i) block(i, column) += shift(i, column);
    }
  }
  for (std::size_t i = 0; i < draws.effects.rows() * draws.effects.columns(); ++i) {
    draws.effects.data()[i] += mean.effects.data()[i];
  }
  return draws;
}

/** Writes the draws where the samples from `first` on have their place. */
void store(const Posterior& posterior, const Draws& draws, const SamplingOptions& options, std::size_t first,
           PosteriorSamples& samples) {
  const auto& prepared = posterior.prepared();
  const std::size_t num_nodes = prepared.num_nodes();
  const std::size_t num_field = prepared.num_steps() * prepared.block_size();
  for (std::size_t process = 0; process < prepared.num_processes(); ++process) {
    const bool is_predicted = std::any_of(
        options.predictions.begin(), options.predictions.end(),
        [&](const PredictionDesign& design) { return static_cast<std::size_t>(design.process) == process; });
    if (!options.latent && !is_predicted) continue;
    const auto fields = response_fields(posterior, draws.field, process);
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
    samples.latent.resize(count * (model.num_steps() * model.block_size() + model.num_fixed_effects()));
  }
  for (const auto& design : options.predictions) {
    samples.predictions.emplace_back(count * design.time_indices.size() *
                                     static_cast<std::size_t>(design.projector.num_rows));
  }
  for (std::size_t first = 0; first < count;) {
    const auto point = static_cast<std::size_t>(samples.points[first]);
    const Posterior posterior(model, points[point].theta, options.evaluation, cancellation);
    while (first < count && static_cast<std::size_t>(samples.points[first]) == point) {
      if (cancellation != nullptr) cancellation->throw_if_cancelled();
      std::vector<RandomNormal> streams;
      for (std::size_t s = first; s < count && streams.size() < batch_size; ++s) {
        if (static_cast<std::size_t>(samples.points[s]) != point) break;
        streams.push_back(stream(options.seed, s));
      }
      store(posterior, draw_posterior(posterior, streams), options, first, samples);
      first += streams.size();
    }
  }
  return samples;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/inner_mode.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "inference/posterior/theta_facts.hpp"

namespace tramontana {
namespace {

constexpr int max_iterations = 60;
constexpr int max_halvings = 30;
/**
 * Newton's error is squared by every full step: after a change this small, the weights of the next solve are right to
 * about its square.
 */
constexpr double last_change = 1e-6;
/** Below this change a step by ascent weights hands over to Newton's own weights. */
constexpr double newton_change = 1e-2;
/**
 * Weights this small, in units of the resolution of the predictor, stand for zero: z = eta + l'/W must stay finite, and
 * every product holds W again.
 */
constexpr double smallest_weight = 1e-12;

using Predictor = std::vector<std::vector<double>>;  // per group

/** A point on the way to the mode. */
struct ModePoint {
  BlockVector field;
  std::vector<double> effects;
  Predictor predictor;
  double log_joint = 0.0;  ///< log p(y | eta) + log p(x), without constants
};

/** Of predictors, in units of what their likelihoods tell apart. */
double largest_change(const PriorAtTheta& prior, const Predictor& a, const Predictor& b) {
  double change = 0.0;
  for (std::size_t group = 0; group < a.size(); ++group) {
    const auto& observed = prior.prepared().observations()[group];
    const auto parameters = prior.likelihood_parameters(group);
    for (std::size_t i = 0; i < a[group].size(); ++i) {
      const double resolution = observed.likelihood().resolution(observed.data()[i], a[group][i], parameters);
      change = std::max(change, std::abs(a[group][i] - b[group][i]) / resolution);
    }
  }
  return change;
}

/**
 * What stands for the observations at a predictor; those that are Gaussian, for themselves.
 *
 * @param ascend  weights of a step that always ascends, in place of Newton's
 * @throws InnerModeNotFound where a likelihood is not finite
 */
ObservationModels working_observations(const PriorAtTheta& prior, const Predictor& predictor, bool ascend) {
  const auto& observations = prior.prepared().observations();
  ObservationModels working;
  for (std::size_t group = 0; group < observations.size(); ++group) {
    const auto& observed = observations[group];
    if (observed.is_gaussian()) {
      working.add(observations.shared(group));
      continue;
    }
    const auto parameters = prior.likelihood_parameters(group);
    std::vector<double> weights;
    std::vector<double> response;
    for (std::size_t i = 0; i < observed.data().size(); ++i) {
      const double eta = predictor[group][i];
      const auto terms = observed.likelihood().terms(observed.data()[i], eta, parameters);
      double weight = ascend ? observed.likelihood().ascent_weight(observed.data()[i], eta, parameters) : terms.weight;
      const double unit = observed.likelihood().resolution(observed.data()[i], 0.0, parameters);
      const double least = smallest_weight / (unit * unit);
      if (std::abs(weight) < least) weight = std::copysign(least, weight);
      if (!std::isfinite(weight) || !std::isfinite(terms.score)) {
        throw InnerModeNotFound(
            "The search for the mode of the latent variables met the predictor " + std::to_string(eta) +
                ", where the likelihood of observation " + std::to_string(observed.original_order()[i]) +
                " of observations[" + std::to_string(group) + "] is not finite.",
            {{"group", static_cast<std::int64_t>(group)}, {"predictor", eta}, {"theta", prior.theta()}});
      }
      weights.push_back(weight);
      response.push_back(eta + terms.score / weight);
    }
    working.add(std::make_shared<const ObservationModel>(observed.reweighted(std::move(weights), response)));
  }
  return working;
}

double log_joint(const PriorAtTheta& prior, const ModePoint& point) {
  double sum = -0.5 * prior.energy(point.field, point.effects);
  for (std::size_t group = 0; group < point.predictor.size(); ++group) {
    const auto& observed = prior.prepared().observations()[group];
    const auto parameters = prior.likelihood_parameters(group);
    for (std::size_t i = 0; i < observed.data().size(); ++i) {
      sum += observed.likelihood().terms(observed.data()[i], point.predictor[group][i], parameters).log_density;
    }
  }
  return sum;
}

ModePoint mean_of(const GaussianConditional& conditional) {
  const auto& solution = conditional.solution();
  ModePoint point{column_of(solution.states.spectral, 0), solution.effects, {}};
  for (std::size_t group = 0; group < conditional.observations().size(); ++group) {
    point.predictor.push_back(conditional.mean_predictor(group));
  }
  point.log_joint = log_joint(conditional.prior(), point);
  return point;
}

ModePoint between(const PriorAtTheta& prior, const ModePoint& a, const ModePoint& b) {
  ModePoint point = b;
  for (std::size_t step = 0; step < point.field.num_blocks(); ++step) {
    auto block = point.field.block(step);
    const double* other = a.field.block(step).column(0);
    for (std::size_t i = 0; i < block.rows; ++i) block(i, 0) = 0.5 * (block(i, 0) + other[i]);
  }
  for (std::size_t i = 0; i < point.effects.size(); ++i) point.effects[i] = 0.5 * (a.effects[i] + b.effects[i]);
  for (std::size_t group = 0; group < point.predictor.size(); ++group) {
    for (std::size_t i = 0; i < point.predictor[group].size(); ++i) {
      point.predictor[group][i] = 0.5 * (a.predictor[group][i] + b.predictor[group][i]);
    }
  }
  point.log_joint = log_joint(prior, point);
  return point;
}

Predictor initial_predictor(const ObservationModels& observations) {
  Predictor predictor(observations.size());
  for (std::size_t group = 0; group < observations.size(); ++group) {
    for (const auto& datum : observations[group].data()) {
      predictor[group].push_back(observations[group].likelihood().initial_predictor(datum));
    }
  }
  return predictor;
}

InnerMode search(const PriorAtTheta& prior, const EvaluationOptions& options, const CancellationToken* cancellation) {
  auto predictor = initial_predictor(prior.prepared().observations());
  std::optional<ModePoint> point;
  bool ascend = true;  // the first weights belong to no point yet
  double change = 1.0;
  for (int iteration = 1; iteration <= max_iterations; ++iteration) {
    auto working = working_observations(prior, predictor, ascend);
    std::unique_ptr<const GaussianConditional> conditional;
    try {
      conditional = std::make_unique<const GaussianConditional>(prior, std::move(working), options, cancellation);
    } catch (const NotPositiveDefinite&) {
      // Weights of outliers are negative; far from the mode they can outweigh the prior.
      if (ascend) throw;
      ascend = true;
      continue;
    }
    const bool is_last = !ascend && change < last_change;
    if (is_last) return {std::move(conditional), iteration};
    auto next = mean_of(*conditional);
    int halvings = 0;
    // So near the mode, log p changes by the square of the step: by less than it rounds, which is no reason to halve.
    // Millions of counts are fitted that well by the first ascent.
    const bool is_last_step = point && largest_change(prior, predictor, next.predictor) < last_change;
    if (point && !is_last_step) {
      const double resolution = 1e-13 * (1.0 + std::abs(point->log_joint));
      while (!(next.log_joint >= point->log_joint - resolution) && halvings < max_halvings) {
        next = between(prior, *point, next);
        ++halvings;
      }
      if (halvings == max_halvings && !ascend) {
        ascend = true;
        continue;
      }
    }
    change = halvings > 0 ? 1.0 : largest_change(prior, predictor, next.predictor);
    if (point && ascend && change < newton_change) ascend = false;
    predictor = next.predictor;
    point = std::move(next);
  }
  throw InnerModeNotFound(
      "The mode of the latent variables was not found in " + std::to_string(max_iterations) +
          " steps; the last changed the predictor by " + std::to_string(change) + ".",
      {{"iterations", static_cast<std::int64_t>(max_iterations)}, {"change", change}, {"theta", prior.theta()}});
}

}  // namespace

InnerMode find_inner_mode(const PriorAtTheta& prior, const EvaluationOptions& options,
                          const CancellationToken* cancellation) {
  return with_theta_in_errors(prior.theta(), [&]() -> InnerMode {
    if (!prior.prepared().is_gaussian()) return search(prior, options, cancellation);
    return {std::make_unique<const GaussianConditional>(prior, prior.prepared().observations(), options, cancellation),
            1};
  });
}

}  // namespace tramontana

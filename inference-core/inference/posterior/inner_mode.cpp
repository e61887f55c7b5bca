// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "inference/posterior/posterior.hpp"

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

}  // namespace

double Posterior::largest_change(const std::vector<std::vector<double>>& a,
                                 const std::vector<std::vector<double>>& b) const {
  double change = 0.0;
  for (std::size_t group = 0; group < a.size(); ++group) {
    const auto& observed = prepared_.observations()[group];
    const auto parameters = likelihood_parameters(group);
    for (std::size_t i = 0; i < a[group].size(); ++i) {
      const double resolution = observed.likelihood().resolution(observed.data()[i], a[group][i], parameters);
      change = std::max(change, std::abs(a[group][i] - b[group][i]) / resolution);
    }
  }
  return change;
}

void Posterior::observe(const std::vector<std::vector<double>>& predictor, bool ascend) {
  ObservationModels working;
  for (std::size_t group = 0; group < prepared_.observations().size(); ++group) {
    const auto& observed = prepared_.observations()[group];
    if (observed.is_gaussian()) {
      working.add(prepared_.observations().shared(group));
      continue;
    }
    const auto parameters = likelihood_parameters(group);
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
        throw InnerModeNotFound("The search for the mode of the latent variables met the predictor " +
                                    std::to_string(eta) + ", where the likelihood of observation " +
                                    std::to_string(observed.original_order()[i]) + " of observations[" +
                                    std::to_string(group) + "] is not finite.",
                                {{"group", static_cast<std::int64_t>(group)}, {"predictor", eta}, {"theta", theta_}});
      }
      weights.push_back(weight);
      response.push_back(eta + terms.score / weight);
    }
    working.add(std::make_shared<const ObservationModel>(observed.reweighted(std::move(weights), response)));
  }
  working_ = std::move(working);
}

Posterior::ModePoint Posterior::solution() const {
  ModePoint point;
  point.field = column_of(states_->spectral, 0);
  point.effects = fixed_effects_;
  for (std::size_t group = 0; group < observations().size(); ++group) point.predictor.push_back(mean_predictor(group));
  point.log_joint = log_joint(point);
  return point;
}

Posterior::ModePoint Posterior::between(const ModePoint& a, const ModePoint& b) const {
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
  point.log_joint = log_joint(point);
  return point;
}

double Posterior::log_joint(const ModePoint& point) const {
  double sum = -0.5 * prior_energy(point.field, point.effects);
  for (std::size_t group = 0; group < prepared_.observations().size(); ++group) {
    const auto& observed = prepared_.observations()[group];
    const auto parameters = likelihood_parameters(group);
    for (std::size_t i = 0; i < observed.data().size(); ++i) {
      sum += observed.likelihood().terms(observed.data()[i], point.predictor[group][i], parameters).log_density;
    }
  }
  return sum;
}

void Posterior::find_mode() {
  std::vector<std::vector<double>> predictor;
  for (std::size_t group = 0; group < prepared_.observations().size(); ++group) {
    const auto& observed = prepared_.observations()[group];
    predictor.emplace_back();
    for (const auto& datum : observed.data()) {
      predictor.back().push_back(observed.likelihood().initial_predictor(datum));
    }
  }
  std::optional<ModePoint> point;
  bool ascend = true;  // the first weights belong to no point yet
  double change = 1.0;
  while (inner_iterations_ < max_iterations) {
    observe(predictor, ascend);
    try {
      condition();
    } catch (const NotPositiveDefinite&) {
      // Weights of outliers are negative; far from the mode they can outweigh the prior.
      if (ascend) throw;
      ascend = true;
      continue;
    }
    const bool is_last = !ascend && change < last_change;
    if (is_last) return;
    auto next = solution();
    int halvings = 0;
    // So near the mode, log p changes by the square of the step: by less than it rounds, which is no reason to halve.
    const bool is_last_step = point && !ascend && largest_change(predictor, next.predictor) < last_change;
    if (point && !is_last_step) {
      const double resolution = 1e-13 * (1.0 + std::abs(point->log_joint));
      while (!(next.log_joint >= point->log_joint - resolution) && halvings < max_halvings) {
        next = between(*point, next);
        ++halvings;
      }
      if (halvings == max_halvings && !ascend) {
        ascend = true;
        continue;
      }
    }
    change = halvings > 0 ? 1.0 : largest_change(predictor, next.predictor);
    if (point && ascend && change < newton_change) ascend = false;
    predictor = next.predictor;
    point = std::move(next);
  }
  throw InnerModeNotFound(
      "The mode of the latent variables was not found in " + std::to_string(max_iterations) +
          " steps; the last changed the predictor by " + std::to_string(change) + ".",
      {{"iterations", static_cast<std::int64_t>(max_iterations)}, {"change", change}, {"theta", theta_}});
}

}  // namespace tramontana

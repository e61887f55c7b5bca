// SPDX-License-Identifier: Apache-2.0
#include "support/rank_laws.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/likelihood_cases.hpp"
#include "support/random_model.hpp"
#include "tramontana/fit.hpp"
#include "tramontana/integration.hpp"
#include "tramontana/leave_out.hpp"
#include "tramontana/sampling.hpp"

namespace tramontana::testing {
namespace {

using SelectedInverse = EvaluationOptions::SelectedInverse;

/** Relative to the largest number: sums over the ranks round in another order. */
constexpr double same = 1e-10;

void expect_same(const std::vector<double>& found, const std::vector<double>& expected, const char* what,
                 double tolerance = same) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  double scale = 1e-300;
  double difference = 0.0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    scale = std::max(scale, std::abs(expected[i]));
    difference = std::max(difference, std::abs(found[i] - expected[i]));
  }
  EXPECT_LE(difference / scale, tolerance) << what;
}

void expect_same(const Evaluation& found, const Evaluation& expected) {
  expect_same({found.objective}, {expected.objective}, "objective");
  expect_same({found.log_determinant_posterior}, {expected.log_determinant_posterior}, "log determinant");
  // The gradient is a difference of terms as large as the number of observations.
  double scale = 1.0;
  for (const double entry : expected.gradient) scale = std::max(scale, std::abs(entry));
  for (std::size_t i = 0; i < expected.gradient.size(); ++i) {
    EXPECT_NEAR(found.gradient[i], expected.gradient[i], same * scale) << "gradient " << i;
  }
  expect_same(found.latent_mean, expected.latent_mean, "means");
  expect_same(found.marginal_variances, expected.marginal_variances, "variances");
  expect_same(found.fixed_effect_covariance, expected.fixed_effect_covariance, "effects");
}

struct NamedModel {
  std::string name;
  EngineModel model;
  std::vector<double> theta;
};

/** Complete data and gaps, empty days, few steps and many, every likelihood. */
std::vector<NamedModel> models() {
  std::vector<NamedModel> all;
  const auto add = [&](const char* name, const RandomModelOptions& options) {
    all.push_back({name, random_model(options), random_theta(options)});
  };
  add("complete", {.grid = 3, .num_steps = 40, .same_pattern = true, .seed = 41});
  add("gaps and empty days", {.num_processes = 2, .grid = 3, .num_steps = 26, .gaps = true, .seed = 42});
  add("seven steps", {.num_processes = 2, .grid = 3, .num_steps = 7, .weights = true, .seed = 43});
  add("two steps", {.grid = 3, .num_steps = 2, .seed = 44});
  add("space alone", {.kind = ModelKind::spatial, .observations_per_step = 20, .seed = 45});
  add("separable", {.kind = ModelKind::separable, .grid = 3, .num_steps = 11, .gaps = true, .seed = 46});
  for (const auto& item : likelihood_cases()) {
    auto [model, theta] = likelihood_model(item);
    all.push_back({item.name, std::move(model), std::move(theta)});
  }
  return all;
}

NamedModel model_with_gaps() {
  const RandomModelOptions options{
      .num_processes = 1, .grid = 3, .num_steps = 12, .observations_per_step = 12, .gaps = true, .seed = 47};
  return {"gaps", random_model(options), random_theta(options)};
}

std::vector<PredictionDesign> designs_of(const EngineModel& model) {
  PredictionDesign design;
  for (std::int32_t t = 0; t < model.num_time_steps; t += 3) design.time_indices.push_back(t);
  design.projector = model.observations[0].projector;
  const auto rows = static_cast<std::size_t>(design.projector.num_rows);
  design.covariates.assign(rows * static_cast<std::size_t>(model.observations[0].num_covariates), 0.5);
  return {design};
}

}  // namespace

void check_evaluations(const Communicator& ranks) {
  for (const auto& [name, model, theta] : models()) {
    const auto prepared = prepare_model(model, host_backend());
    for (const auto order : {SelectedInverse::automatic, SelectedInverse::two_sided}) {
      for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
        SCOPED_TRACE(name + ", rank " + std::to_string(ranks.rank()) + " of " + std::to_string(ranks.size()));
        EvaluationOptions options{
            .gradient = true, .latent = true, .coordinates = coordinates, .selected_inverse = order};
        const auto expected = evaluate(*prepared, theta, options);
        options.ranks = &ranks;
        const auto found = evaluate(*prepared, theta, options);
        expect_same(found, expected);
        options.latent = false;
        expect_same(evaluate(*prepared, theta, options).gradient, expected.gradient, "gradient alone", 1e-9);
      }
    }
  }
}

void check_fit(const Communicator& ranks) {
  const auto [name, model, theta] = model_with_gaps();
  const auto prepared = prepare_model(model, host_backend());
  FitOptions options;
  options.initial_theta = theta;
  // Near the mode another rounding is squared away.
  options.gradient_tolerance = 1e-7;
  const auto expected = fit(*prepared, options, nullptr, {});
  options.evaluation.ranks = &ranks;
  std::vector<OptimizerState> states;
  const auto found = fit(*prepared, options, nullptr, [&](const OptimizerState& state) { states.push_back(state); });
  expect_same(found.state.theta, expected.state.theta, "theta", 1e-7);
  // Differences over steps of 5e-5.
  expect_same(found.hessian, expected.hessian, "Hessian", 1e-5);
  EXPECT_EQ(found.state.evaluations, expected.state.evaluations);
  const auto line = std::to_string(ranks.size()) + " ranks: " + std::to_string(theta.size()) + " evaluations ";
  EXPECT_EQ(found.evaluation.recursion.find(line) != std::string::npos, ranks.size() > 1) << found.evaluation.recursion;
  for (const int groups : {1, 2}) {
    options.evaluation.rank_groups = groups;
    expect_same(fit(*prepared, options, nullptr, {}).state.theta, expected.state.theta, "theta of set groups", 1e-7);
  }
  options.evaluation.rank_groups = 0;
  // The ranks have gone one way, to the bit.
  auto broadcast = found.hessian;
  ranks.broadcast(broadcast);
  EXPECT_EQ(broadcast, found.hessian);
  // Another number of ranks goes on from there.
  FitOptions alone = options;
  alone.evaluation.ranks = nullptr;
  const auto resumed = fit(*prepared, alone, &states[states.size() / 2], {});
  expect_same(resumed.state.theta, expected.state.theta, "theta after resuming", 1e-7);
}

void check_integration(const Communicator& ranks) {
  for (const bool has_counts : {false, true}) {
    auto [model, theta] = has_counts ? likelihood_model(likelihood_cases().front())
                                     : std::pair{model_with_gaps().model, model_with_gaps().theta};
    const auto prepared = prepare_model(model, host_backend());
    const std::size_t d = theta.size();
    std::vector<double> covariance(d * d, 0.0);
    for (std::size_t i = 0; i < d; ++i) covariance[i * d + i] = 0.05;
    IntegrationOptions options;
    options.strategy = IntegrationStrategy::central_composite;
    options.predictions = designs_of(model);
    const auto expected = integrate(*prepared, theta, covariance, options);
    options.evaluation.ranks = &ranks;
    int calls = 0;
    options.on_progress = [&](int, int) { ++calls; };
    const auto found = integrate(*prepared, theta, covariance, options);
    EXPECT_GT(calls, 0);
    expect_same(found.latent.mean, expected.latent.mean, "latent means");
    expect_same(found.latent.sd, expected.latent.sd, "latent sds");
    expect_same(found.predictions[0].mean, expected.predictions[0].mean, "predictions");
    expect_same({found.log_marginal_likelihood}, {expected.log_marginal_likelihood}, "marginal likelihood");
    EXPECT_EQ(found.evaluations, expected.evaluations);
  }
}

void check_predictions(const Communicator& ranks) {
  const auto [name, model, theta] = model_with_gaps();
  const auto prepared = prepare_model(model, host_backend());
  const auto designs = designs_of(model);
  EvaluationOptions shared;
  shared.ranks = &ranks;
  const auto expected = predict(*prepared, theta, designs);
  const auto found = predict(*prepared, theta, designs, shared);
  expect_same(found[0].mean, expected[0].mean, "predicted means");
  expect_same(found[0].variance, expected[0].variance, "predicted variances");

  std::vector<std::vector<std::int32_t>> folds(1);
  auto& fold = folds[0];
  fold.resize(model.observations[0].y.size());
  for (std::size_t i = 0; i < fold.size(); ++i) fold[i] = static_cast<std::int32_t>(i % 5) - 1;
  const auto left = leave_groups_out(*prepared, theta, folds);
  const auto left_on_ranks = leave_groups_out(*prepared, theta, folds, shared);
  expect_same({left_on_ranks.log_score}, {left.log_score}, "log score");
  expect_same(left_on_ranks.fold_log_density, left.fold_log_density, "densities of the folds");
  for (std::size_t i = 0; i < fold.size(); ++i) {
    EXPECT_EQ(std::isnan(left_on_ranks.groups[0].mean[i]), fold[i] < 0);
    if (fold[i] < 0) continue;
    EXPECT_NEAR(left_on_ranks.groups[0].pit[i], left.groups[0].pit[i], same);
  }

  SamplingOptions sampling;
  sampling.num_samples = 70;
  sampling.latent = true;
  sampling.predictions = designs;
  auto other = theta;
  other[0] += 0.1;
  const std::vector<SamplingPoint> points{{theta, 0.6}, {other, 0.4}};
  const auto samples = sample_posterior(*prepared, points, sampling);
  sampling.evaluation.ranks = &ranks;
  const auto samples_on_ranks = sample_posterior(*prepared, points, sampling);
  EXPECT_EQ(samples_on_ranks.points, samples.points);
  if (ranks.is_root()) {
    expect_same(samples_on_ranks.latent, samples.latent, "samples");
    expect_same(samples_on_ranks.predictions[0], samples.predictions[0], "predicted samples");
  } else {
    EXPECT_TRUE(samples_on_ranks.latent.empty());
  }
}

void check_common_failures(const Communicator& ranks) {
  const auto [name, model, theta] = model_with_gaps();
  const auto prepared = prepare_model(model, host_backend());
  EvaluationOptions options{.gradient = true, .selected_inverse = SelectedInverse::two_sided};
  options.ranks = &ranks;
  auto wild = theta;
  wild[0] = 400.0;
  EXPECT_THROW((void)evaluate(*prepared, wild, options), Error);
  CancellationToken cancelled;
  cancelled.cancel();
  const bool is_last = ranks.rank() + 1 == ranks.size();
  EXPECT_THROW((void)evaluate(*prepared, theta, options, is_last ? &cancelled : nullptr), Interrupted);
  FitOptions fit_options;
  fit_options.initial_theta = theta;
  fit_options.evaluation.ranks = &ranks;
  EXPECT_THROW((void)fit(*prepared, fit_options, nullptr, {}, is_last ? &cancelled : nullptr), Interrupted);
  EXPECT_DOUBLE_EQ(ranks.sum(1.0), ranks.size());
}

}  // namespace tramontana::testing

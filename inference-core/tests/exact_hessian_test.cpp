// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/exact_hessian.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "communicator/thread_ranks.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "support/hessian_by_differences.hpp"
#include "support/random_model.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/errors.hpp"
#include "tramontana/fit.hpp"

namespace tramontana {
namespace {

using testing::expect_same;
using testing::hessian_by_differences;
using testing::left_out;
using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

std::vector<std::pair<std::string, RandomModelOptions>> models() {
  return {
      {"one field", {}},
      {"one step", {.kind = ModelKind::spatial, .num_steps = 1}},
      {"two steps", {.num_processes = 2, .num_steps = 2}},
      {"gaps and empty days", {.num_processes = 2, .num_steps = 9, .gaps = true, .seed = 4}},
      {"three processes", {.num_processes = 3, .num_steps = 4, .seed = 5}},
      {"three processes, complete", {.num_processes = 3, .num_steps = 6, .same_pattern = true, .seed = 6}},
      {"weights and priors", {.num_processes = 2, .weights = true, .penalized_priors = true, .seed = 7}},
      {"separable", {.kind = ModelKind::separable, .num_processes = 3, .gaps = true, .seed = 8}},
      {"exact diffusion", {.kind = ModelKind::exact_diffusion, .num_processes = 2, .seed = 9}},
      {"more than a piece of modes", {.grid = 9, .num_steps = 3, .observations_per_step = 60, .seed = 10}},
      {"sphere", {.manifold = Manifold::sphere, .num_processes = 2, .seed = 11}},
  };
}

/** The rows of a group whose step the predicate takes. */
template <class Predicate>
ObservationGroup rows_of(const ObservationGroup& group, const Predicate& is_taken) {
  ObservationGroup result = group;
  result.y.clear();
  result.time_index.clear();
  result.covariates.clear();
  result.weights.clear();
  result.projector = {};
  result.projector.num_columns = group.projector.num_columns;
  result.projector.row_pointers.assign(1, 0);
  for (std::size_t i = 0; i < group.y.size(); ++i) {
    if (!is_taken(group.time_index[i])) continue;
    result.y.push_back(group.y[i]);
    result.time_index.push_back(group.time_index[i]);
    if (!group.weights.empty()) result.weights.push_back(group.weights[i]);
    for (std::int32_t c = 0; c < group.num_covariates; ++c) {
      result.covariates.push_back(
          group.covariates[i * static_cast<std::size_t>(group.num_covariates) + static_cast<std::size_t>(c)]);
    }
    for (auto p = group.projector.row_pointers[i]; p < group.projector.row_pointers[i + 1]; ++p) {
      result.projector.column_indices.push_back(group.projector.column_indices[p]);
      result.projector.values.push_back(group.projector.values[p]);
    }
    result.projector.row_pointers.push_back(static_cast<std::int32_t>(result.projector.values.size()));
  }
  result.projector.num_rows = static_cast<std::int32_t>(result.y.size());
  return result;
}

/** Analyses, then forecasts, then others again: groups of a response at steps of their own, two or three of them. */
TEST(ExactHessian, IsThatOfDifferencesWithSeveralGroupsOfAResponse) {
  for (const int num_processes : {1, 3}) {
    const RandomModelOptions options{.num_processes = num_processes,
                                     .num_steps = 7,
                                     .gaps = true,
                                     .penalized_priors = num_processes == 3,
                                     .seed = 12};
    auto model = random_model(options);
    auto theta = random_theta(options);
    const auto whole = model.observations;
    model.observations.clear();
    std::vector<ObservationGroup> further;
    for (const auto& group : whole) {
      const bool has_three = group.process == 1;
      model.observations.push_back(rows_of(group, [&](int step) { return step < 4; }));
      further.push_back(rows_of(group, [&](int step) { return step >= 4 && !(has_three && step == 5); }));
      if (has_three) further.push_back(rows_of(group, [](int step) { return step == 5; }));
    }
    for (const auto& group : further) {
      model.observations.push_back(group);
      if (!model.priors.empty()) model.priors.emplace_back();
      theta.push_back(1.0 + 0.3 * static_cast<double>(model.observations.size()));
    }
    const auto prepared = prepare_model(model, host_backend());
    ASSERT_TRUE(has_exact_hessian(*prepared));
    expect_same(exact_hessian(*prepared, theta, {}, nullptr).value(), hessian_by_differences(*prepared, theta),
                left_out, std::to_string(num_processes));
  }
}

TEST(ExactHessian, IsThatOfDifferencesOfGradients) {
  for (const auto& [name, options] : models()) {
    const auto model = prepare_model(random_model(options), host_backend());
    const auto theta = random_theta(options);
    ASSERT_TRUE(has_exact_hessian(*model)) << name;
    const auto hessian = exact_hessian(*model, theta, {}, nullptr);
    ASSERT_TRUE(hessian.has_value()) << name;
    expect_same(*hessian, hessian_by_differences(*model, theta), left_out, name);
  }
}

/** Precise data, and fields that hardly change from step to step: nothing is left out, and much cancels. */
TEST(ExactHessian, IsThatOfDifferencesAtTheEdges) {
  const RandomModelOptions options{
      .kind = ModelKind::separable, .num_processes = 2, .grid = 3, .num_steps = 30, .gaps = true, .seed = 13};
  const auto model = prepare_model(random_model(options), host_backend());
  for (const auto& [noise, rho] : {std::pair{9.0, 1.0}, {2.0, 6.0}, {-3.0, 5.0}}) {
    auto theta = random_theta(options);
    for (std::size_t i = 0; i < theta.size(); ++i) {
      const auto& name = model->layout().names()[i];
      if (name.starts_with("log_tau") || name.starts_with("log_noise")) theta[i] = noise;
      if (name.starts_with("rho")) theta[i] = rho;
    }
    const auto hessian = exact_hessian(*model, theta, {}, nullptr);
    ASSERT_TRUE(hessian.has_value());
    expect_same(*hessian, hessian_by_differences(*model, theta), left_out, std::to_string(noise));
  }
}

TEST(ExactHessian, IsTheSameOnRanksAndBackends) {
  const RandomModelOptions options{.num_processes = 2, .num_steps = 7, .gaps = true, .seed = 4};
  const auto theta = random_theta(options);
  const auto model = prepare_model(random_model(options), host_backend());
  const auto alone = exact_hessian(*model, theta, {}, nullptr).value();
  for (const int size : {2, 3, 8}) {
    run_thread_ranks(size, [&](const Communicator& ranks) {
      EvaluationOptions own;
      own.ranks = &ranks;
      // Sums over ranks round in another order.
      expect_same(exact_hessian(*model, theta, own, nullptr).value(), alone, 1e-11, std::to_string(size));
    });
  }
  const auto reference = make_backend("reference");
  const auto plain = prepare_model(random_model(options), *reference);
  expect_same(exact_hessian(*plain, theta, {}, nullptr).value(), alone, 1e-10, "reference");
}

TEST(ExactHessian, IsNotForLikelihoodsOrSeveralGroupsOrRandomEffects) {
  const RandomModelOptions options{.num_processes = 2};
  auto counts = random_model(options);
  counts.observations[0].likelihood = Likelihood::poisson;
  counts.priors.pop_back();
  for (auto& value : counts.observations[0].y) value = std::round(std::abs(value));
  EXPECT_FALSE(has_exact_hessian(*prepare_model(counts, host_backend())));
  auto groups = random_model(options);
  groups.observations.push_back(groups.observations[0]);
  groups.priors.push_back(groups.priors.back());
  const auto two_groups = prepare_model(groups, host_backend());
  EXPECT_FALSE(has_exact_hessian(*two_groups));
  FitOptions fit_options;
  fit_options.initial_theta = random_theta(options);
  fit_options.initial_theta.push_back(2.0);
  fit_options.hessian_differences = HessianDifferences::exact;
  fit_options.gradient_tolerance = 1e9;
  try {
    static_cast<void>(fit(*two_groups, fit_options, nullptr, {}));
    FAIL() << "two groups of a response at a step";
  } catch (const InvalidModel& error) {
    EXPECT_NE(std::string(error.what()).find("found more of response 0 at step 0"), std::string::npos) << error.what();
  }
}

TEST(ExactHessian, EndsWhenItIsCancelled) {
  const RandomModelOptions options{.num_processes = 2, .num_steps = 7};
  const auto model = prepare_model(random_model(options), host_backend());
  CancellationToken token;
  token.cancel();
  EXPECT_THROW(static_cast<void>(exact_hessian(*model, random_theta(options), {}, &token)), Interrupted);
}

/** A fit takes it where it counts as quicker, and the Hessian is what differences give, at one evaluation more. */
TEST(ExactHessian, CostsAFitOneEvaluation) {
  const RandomModelOptions options{
      .num_processes = 2, .grid = 9, .num_steps = 3, .observations_per_step = 100, .seed = 3};
  const auto model = prepare_model(random_model(options), host_backend());
  const auto theta = random_theta(options);
  FitOptions fit_options;
  fit_options.initial_theta = theta;
  const auto fitted = [&](HessianDifferences differences) {
    fit_options.hessian_differences = differences;
    return fit(*model, fit_options, nullptr, {});
  };
  const auto exact = fitted(HessianDifferences::exact);
  const auto differences = fitted(HessianDifferences::fourth);
  EXPECT_EQ(exact.state.evaluations, differences.state.evaluations - 4 * static_cast<int>(theta.size()) + 1);
  expect_same(exact.hessian, differences.hessian, 1e-6, "fit");
  // Three steps are few pairs.
  ASSERT_TRUE(exact_hessian_pays(*model, exact.state.theta, {}));
  EXPECT_EQ(fitted(HessianDifferences::automatic).hessian, exact.hessian);
}

/** The evaluation at the mode is that of the last point of the search, whatever the Hessian asked for. */
TEST(ExactHessian, AFitTellsTheEvaluationOfItsMode) {
  const RandomModelOptions options{.num_processes = 2, .num_steps = 4, .seed = 3};
  const auto model = prepare_model(random_model(options), host_backend());
  FitOptions fit_options;
  fit_options.initial_theta = random_theta(options);
  fit_options.evaluation.gradient = true;
  for (const auto differences : {HessianDifferences::exact, HessianDifferences::forward}) {
    fit_options.hessian_differences = differences;
    const auto found = fit(*model, fit_options, nullptr, {});
    const auto expected = evaluate(*model, found.state.theta, fit_options.evaluation);
    EXPECT_EQ(found.evaluation.objective, expected.objective);
    EXPECT_EQ(found.evaluation.gradient, expected.gradient);
    EXPECT_EQ(found.evaluation.fixed_effect_means, expected.fixed_effect_means);
    EXPECT_EQ(found.evaluation.log_marginal_likelihood, expected.log_marginal_likelihood);
  }
}

/** A fit that began its Hessian by differences and goes on with the exact one has no column of the former. */
TEST(ExactHessian, TakesNoColumnsOfDifferences) {
  const RandomModelOptions options{.num_processes = 2, .grid = 3, .num_steps = 4, .seed = 3};
  const auto model = prepare_model(random_model(options), host_backend());
  FitOptions fit_options;
  fit_options.initial_theta = random_theta(options);
  fit_options.hessian_differences = HessianDifferences::forward;
  OptimizerState half;
  static_cast<void>(fit(*model, fit_options, nullptr, [&](const OptimizerState& state) {
    if (!state.hessian_columns.empty() && state.hessian_columns.size() < state.theta.size()) half = state;
  }));
  ASSERT_FALSE(half.theta.empty());
  fit_options.hessian_differences = HessianDifferences::exact;
  const auto exact = fit(*model, fit_options, &half, {});
  EXPECT_EQ(exact.hessian, fit(*model, fit_options, nullptr, {}).hessian);
}

}  // namespace
}  // namespace tramontana

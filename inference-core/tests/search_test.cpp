// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "grid_model.hpp"
#include "inference/optimiser/curvature.hpp"
#include "inference/optimiser/information_mean.hpp"
#include "inference/optimiser/theta_box.hpp"
#include "inference/optimiser/trust_region.hpp"
#include "inference/posterior/posterior.hpp"
#include "support/dense_reference.hpp"
#include "support/random_model.hpp"
#include "tramontana/fit.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

constexpr RandomModelOptions small_options{
    .num_processes = 2, .grid = 4, .num_steps = 4, .observations_per_step = 20, .seed = 3};

EngineModel simulated_model() {
  auto model = random_model(small_options);
  testing::replace_data_by_simulation(model, random_theta(small_options), 8);
  return model;
}

FitOptions options_near_truth() {
  FitOptions options;
  options.initial_theta = random_theta(small_options);
  for (std::size_t i = 0; i < options.initial_theta.size(); ++i) options.initial_theta[i] += i % 2 == 0 ? 0.7 : -0.6;
  return options;
}

std::vector<double> hessian_by_differences(const PreparedModel& model, const std::vector<double>& theta) {
  const std::size_t d = theta.size();
  constexpr double h = 1e-3;
  std::vector<double> hessian(d * d);
  for (std::size_t i = 0; i < d; ++i) {
    auto shifted = theta;
    shifted[i] = theta[i] + h;
    const auto above = evaluate(model, shifted, {.gradient = true}).gradient;
    shifted[i] = theta[i] - h;
    const auto below = evaluate(model, shifted, {.gradient = true}).gradient;
    for (std::size_t j = 0; j < d; ++j) hessian[i * d + j] = (above[j] - below[j]) / (2.0 * h);
  }
  return hessian;
}

double relative_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double difference = 0.0;
  double size = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(difference / size);
}

TEST(InformationMean, OfNumbersIsTheLogarithmicMean) {
  for (const double ratio : {1e-3, 0.4, 1.0, 1.0 + 1e-9, 7.0, 2e4}) {
    const std::vector<double> average{3.0 * ratio};
    const std::vector<double> fisher{3.0};
    const double expected = std::abs(ratio - 1.0) < 1e-6 ? 3.0 : 3.0 * (ratio - 1.0) / std::log(ratio);
    // 1e-6 of A is added to F, in case that lacks the direction: 2 % of F at the largest ratio, 0.2 % of the mean.
    EXPECT_NEAR(logarithmic_mean(host_backend(), average, fisher)[0] / expected, 1.0, ratio > 100.0 ? 5e-3 : 1e-5);
  }
}

TEST(InformationMean, GivesTheNewtonStepToTheMinimumForAScaleOfTheData) {
  // f = (m t + S e^-t) / 2 at t = 0: gradient (m - S) / 2, AI S / 2, Fisher m / 2, minimum at log S / m.
  const double m = 40.0;
  const double s = 900.0;
  const std::vector<double> average{0.5 * s};
  const std::vector<double> fisher{0.5 * m};
  const double curvature = logarithmic_mean(host_backend(), average, fisher)[0];
  EXPECT_NEAR(-0.5 * (m - s) / curvature, std::log(s / m), 1e-4);
}

TEST(InformationMean, IsCongruenceInvariant) {
  const std::vector<double> a{4.0, 1.0, 1.0, 2.0};
  const std::vector<double> f{1.0, -0.3, -0.3, 5.0};
  // T = [[2, 0], [1, 3]]: mean(T A T', T F T') = T mean(A, F) T'.
  const auto transform = [](const std::vector<double>& m) {
    const double t[2][2] = {{2.0, 0.0}, {1.0, 3.0}};
    std::vector<double> result(4, 0.0);
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 2; ++j) {
        for (int k = 0; k < 2; ++k) {
          for (int l = 0; l < 2; ++l) result[i * 2 + j] += t[i][k] * m[k * 2 + l] * t[j][l];
        }
      }
    }
    return result;
  };
  const auto expected = transform(logarithmic_mean(host_backend(), a, f));
  const auto found = logarithmic_mean(host_backend(), transform(a), transform(f));
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(found[i], expected[i], 1e-4);
}

TEST(CurvatureEstimate, IsTheHessianFarFromTheOptimum) {
  auto model = simulated_model();
  model.random_effects = {{0, 4, RandomEffect::Structure::iid}};
  auto& first = model.observations[0];
  first.effect_levels.emplace_back();
  for (std::size_t i = 0; i < first.y.size(); ++i) first.effect_levels[0].push_back(static_cast<std::int32_t>(i % 4));
  auto second = first;
  for (auto& y : second.y) y += 0.3;
  model.observations.push_back(second);
  model.priors.push_back({ThetaPrior::Kind::gaussian, 2.0, 0.5});
  model.priors.push_back({ThetaPrior::Kind::gaussian, 1.0, 0.5});
  auto theta = random_theta(small_options);
  theta.push_back(1.5);
  theta.push_back(0.4);
  for (std::size_t i = 0; i < theta.size(); ++i) theta[i] += i % 2 == 0 ? 0.5 : -0.4;
  const auto prepared = prepare_model(model, host_backend());
  const Posterior posterior(*prepared, theta, {}, nullptr);
  const auto exact = hessian_by_differences(*prepared, theta);
  // Unbiased: the error of one data set, 0.6 here with four levels of a random effect, falls as 1 / sqrt(n) to 0.011;
  // three times that.
  EXPECT_LT(relative_distance(estimate_curvature(posterior.conditional(), 5, 3000).observed, exact), 0.033);
}

TEST(CurvatureEstimate, KeepsItsSamplingErrorFromPointToPoint) {
  const auto prepared = prepare_model(simulated_model(), host_backend());
  auto theta = random_theta(small_options);
  const auto error_at = [&](const std::vector<double>& at) {
    const Posterior posterior(*prepared, at, {}, nullptr);
    auto error = estimate_curvature(posterior.conditional(), 5, 1).observed;
    const auto exact = hessian_by_differences(*prepared, at);
    for (std::size_t i = 0; i < error.size(); ++i) error[i] -= exact[i];
    return error;
  };
  const auto before = error_at(theta);
  for (auto& value : theta) value += 0.02;
  // A step of 0.02 in each component changes the error by about 0.06 of itself: secants can learn it.
  EXPECT_LT(relative_distance(error_at(theta), before), 0.2);
}

TEST(TrustRegion, WithinABoxEndsWhereTheGradientHoldsIt) {
  const std::vector<double> curvature{4.0, 1.0, 1.0, 3.0};
  const std::vector<double> gradient{1.0, -2.0};
  const StepBounds bounds{{-1.0, -1.0}, {1.0, 0.1}};
  const auto step = trust_region_step(host_backend(), gradient, curvature, 10.0, bounds, {false, false});
  EXPECT_DOUBLE_EQ(step.step[1], 0.1);
  // The free component minimises given the other: 4 p = -1 - 0.1.
  EXPECT_NEAR(step.step[0], -1.1 / 4.0, 1e-12);
  EXPECT_GT(step.predicted_reduction, 0.0);
}

TEST(BoundedCurvature, EqualsAPositiveMatrixAndBendsANegativeOne) {
  const std::vector<double> metric{2.0, 0.3, 0.3, 1.0};
  const std::vector<double> positive{5.0, 1.0, 1.0, 3.0};
  const auto same = bounded_curvature(host_backend(), positive, metric, 0.1, {false, false});
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(same[i], positive[i], 1e-8);
  const std::vector<double> negative{5.0, 0.0, 0.0, -3.0};
  const auto bent = bounded_curvature(host_backend(), negative, metric, 0.1, {false, false});
  EXPECT_GT(lowest_curvature(host_backend(), bent, {false, false}).smallest, 0.0);
}

TEST(Fit, HoldsAFixedComponentAndItsVarianceIsZero) {
  const auto free_fit = fit(*prepare_model(simulated_model(), host_backend()), options_near_truth(), nullptr, {});
  auto model = simulated_model();
  const std::size_t d = model.priors.size();
  constexpr std::size_t fixed = 2;
  model.priors[fixed] = {.kind = ThetaPrior::Kind::fixed, .mean = free_fit.state.theta[fixed]};
  // The Gaussian prior of the free fit is flat enough beside the data to leave the others within the tolerance below.
  const auto result = fit(*prepare_model(model, host_backend()), options_near_truth(), nullptr, {});
  EXPECT_TRUE(result.state.converged);
  EXPECT_EQ(result.state.theta[fixed], free_fit.state.theta[fixed]);
  for (std::size_t i = 0; i < d; ++i) {
    EXPECT_EQ(result.theta_covariance[fixed * d + i], 0.0);
    EXPECT_EQ(result.hessian[i * d + fixed], 0.0);
    // Both searches stop within |g| < 1e-3 of the same point.
    EXPECT_NEAR(result.state.theta[i], free_fit.state.theta[i], 2e-3);
    for (std::size_t j = 0; j < d; ++j) {
      if (i == fixed || j == fixed) continue;
      EXPECT_NEAR(result.hessian[i * d + j], free_fit.hessian[i * d + j],
                  1e-2 * (1.0 + std::abs(free_fit.hessian[i * d + j])));
    }
  }
}

TEST(Fit, StopsAtABoundAndNamesIt) {
  const auto prepared = prepare_model(simulated_model(), host_backend());
  auto options = options_near_truth();
  const auto inside = fit(*prepared, options, nullptr, {});
  options.lower_bounds = default_theta_bounds(*prepared).lower;
  options.upper_bounds = default_theta_bounds(*prepared).upper;
  options.lower_bounds[0] = inside.state.theta[0] + 0.3;
  options.initial_theta[0] = options.lower_bounds[0] + 0.5;
  const auto result = fit(*prepared, options, nullptr, {});
  EXPECT_TRUE(result.state.converged);
  EXPECT_EQ(result.state.theta[0], options.lower_bounds[0]);
  ASSERT_EQ(result.active_bounds.size(), 1U);
  EXPECT_NE(result.active_bounds[0].find("log_range_s_0 (lower bound"), std::string::npos);
  EXPECT_NE(result.state.stop_reason.find("at its bound: log_range_s_0"), std::string::npos);
  EXPECT_EQ(result.theta_covariance[0], 0.0);
  // The same as a fit whose first component is fixed there.
  auto model = simulated_model();
  const auto prior = model.priors[0];
  model.priors[0] = {.kind = ThetaPrior::Kind::fixed, .mean = options.lower_bounds[0]};
  const auto held = fit(*prepare_model(model, host_backend()), options_near_truth(), nullptr, {});
  const double deviation = options.lower_bounds[0] - prior.mean;
  EXPECT_NEAR(result.state.objective, held.state.objective + 0.5 * prior.precision * deviation * deviation, 1e-5);
}

TEST(Fit, RejectsAStartOutsideItsBounds) {
  const auto prepared = prepare_model(simulated_model(), host_backend());
  auto options = options_near_truth();
  options.lower_bounds.assign(options.initial_theta.size(), -50.0);
  options.upper_bounds.assign(options.initial_theta.size(), 50.0);
  options.upper_bounds[1] = options.initial_theta[1] - 0.1;
  EXPECT_THROW(static_cast<void>(fit(*prepared, options, nullptr, {})), InvalidModel);
  options.upper_bounds[1] = -60.0;
  EXPECT_THROW(static_cast<void>(fit(*prepared, options, nullptr, {})), InvalidModel);
}

TEST(DefaultBounds, ShiftWithTheUnitsOfTheData) {
  auto model = simulated_model();
  const auto before = default_theta_bounds(*prepare_model(model, host_backend()));
  for (auto& group : model.observations) {
    for (auto& y : group.y) y *= 1000.0;
  }
  const auto prepared = prepare_model(model, host_backend());
  const auto after = default_theta_bounds(*prepared);
  for (std::size_t i = 0; i < before.lower.size(); ++i) {
    const auto& name = theta_names(*prepared)[i];
    const double shift = name.rfind("log_sigma", 0) == 0             ? std::log(1000.0)
                         : name.rfind("log_noise_precision", 0) == 0 ? -2.0 * std::log(1000.0)
                                                                     : 0.0;
    EXPECT_NEAR(after.lower[i] - before.lower[i], shift, 1e-9) << name;
    EXPECT_NEAR(after.upper[i] - before.upper[i], shift, 1e-9) << name;
  }
}

TEST(Fit, OfScaledDataIsTheSameFit) {
  // Units of the response move log sigma and log tau alone; with flat priors the path is the same.
  auto model = simulated_model();
  for (auto& prior : model.priors) prior.precision = 1e-8;
  auto scaled = model;
  for (auto& group : scaled.observations) {
    for (auto& y : group.y) y *= 100.0;
  }
  scaled.fixed_effects_prior_precision /= 1e4;
  auto options = options_near_truth();
  options.compute_hessian = false;
  const auto a = fit(*prepare_model(model, host_backend()), options, nullptr, {});
  const auto prepared = prepare_model(scaled, host_backend());
  for (std::size_t i = 0; i < options.initial_theta.size(); ++i) {
    const auto& name = theta_names(*prepared)[i];
    if (name.rfind("log_sigma", 0) == 0) options.initial_theta[i] += std::log(100.0);
    if (name.rfind("log_noise_precision", 0) == 0) options.initial_theta[i] -= 2.0 * std::log(100.0);
  }
  const auto b = fit(*prepared, options, nullptr, {});
  EXPECT_EQ(a.state.evaluations, b.state.evaluations);
  // Rounding of the scaled sums, amplified by the path.
  EXPECT_NEAR(a.state.theta[0], b.state.theta[0], 1e-5);
}

TEST(Fit, LeavesASaddlePoint) {
  const auto prepared = prepare_model(simulated_model(), host_backend());
  const auto options = options_near_truth();
  std::vector<OptimizerState> states;
  const auto whole = fit(*prepared, options, nullptr, [&](const OptimizerState& state) { states.push_back(state); });
  // A state on the way, said to be stationary, with a Hessian that is negative along its gradient.
  auto saddle = states[1];
  ASSERT_EQ(saddle.phase, FitPhase::search);
  const std::size_t d = saddle.theta.size();
  saddle.phase = FitPhase::hessian;
  saddle.optima = {{saddle.theta, saddle.objective, true, 1}};
  double squares = 0.0;
  for (const double g : saddle.gradient) squares += g * g;
  for (std::size_t i = 0; i < d; ++i) {
    std::vector<double> column(d, 0.0);
    for (std::size_t j = 0; j < d; ++j) {
      column[j] = (i == j ? 1.0 : 0.0) - 2.0 * saddle.gradient[i] * saddle.gradient[j] / squares;
    }
    saddle.hessian_columns.push_back(column);
  }
  const auto result = fit(*prepared, options, &saddle, {});
  EXPECT_TRUE(result.state.converged);
  EXPECT_EQ(result.state.saddles_left, 1);
  EXPECT_NE(result.state.stop_reason.find("left 1 saddle point"), std::string::npos);
  EXPECT_NEAR(result.state.objective, whole.state.objective, 1e-5);
}

TEST(Fit, RestartsFindTheSameOptimumAndResumeBitForBit) {
  const auto prepared = prepare_model(simulated_model(), host_backend());
  auto options = options_near_truth();
  options.num_restarts = 3;
  options.restart_spread = 1.0;
  std::vector<OptimizerState> states;
  const auto whole = fit(*prepared, options, nullptr, [&](const OptimizerState& state) { states.push_back(state); });
  EXPECT_TRUE(whole.state.converged);
  EXPECT_NE(whole.state.stop_reason.find("4 searches found"), std::string::npos);
  int ended = 0;
  for (const auto& optimum : whole.state.optima) {
    ended += optimum.count;
    EXPECT_GE(optimum.objective, whole.state.objective - 1e-9);
  }
  EXPECT_EQ(ended, 4);
  for (const std::size_t at : {states.size() / 4, states.size() / 2, 3 * states.size() / 4}) {
    const auto resumed = fit(*prepared, options, &states[at], {});
    EXPECT_EQ(resumed.state.theta, whole.state.theta);
    EXPECT_EQ(resumed.state.evaluations, whole.state.evaluations);
    EXPECT_EQ(resumed.state.stop_reason, whole.state.stop_reason);
  }
}

TEST(Fit, FromAKnownModeAndCurvatureNeedsFewEvaluations) {
  const auto prepared = prepare_model(simulated_model(), host_backend());
  auto options = options_near_truth();
  const auto cold = fit(*prepared, options, nullptr, {});
  options.initial_theta = cold.state.theta;
  for (std::size_t i = 0; i < options.initial_theta.size(); ++i) {
    options.initial_theta[i] += i % 2 == 0 ? 0.05 : -0.05;
  }
  options.initial_curvature = cold.hessian;
  options.compute_hessian = false;
  const auto warm = fit(*prepared, options, nullptr, {});
  EXPECT_TRUE(warm.state.converged);
  EXPECT_LE(warm.state.evaluations, 8);
  // A curvature of something else does no harm: the estimate is taken.
  for (auto& entry : options.initial_curvature) entry *= 30.0;
  EXPECT_LE(fit(*prepared, options, nullptr, {}).state.evaluations, 8);
  EXPECT_NEAR(warm.state.objective, cold.state.objective, 1e-5);
}

TEST(Search, ConvergesQuadraticallyOnARidge) {
  // Few steps leave ranges and sigma on a ridge whose curvature is a fraction of the information.
  const bench::GridModelOptions grid{.num_nodes = 196, .num_steps = 8};
  const auto prepared = prepare_model(bench::grid_model(grid), host_backend());
  FitOptions options;
  options.initial_theta = bench::grid_theta(grid);
  options.gradient_tolerance = 1e-5;
  options.compute_hessian = false;
  const auto result = fit(*prepared, options, nullptr, {});
  ASSERT_TRUE(result.state.converged);
  const auto& trace = result.state.trace;
  // Halving the gradient would take ten steps from 1e-2; squaring it takes two or three.
  std::size_t near = 0;
  while (near < trace.size() && trace[near].gradient_norm > 1e-2) ++near;
  EXPECT_LE(trace.size() - near, 4u) << result.state.stop_reason;
}

TEST(Multilevel, StartsAtTheCoarseModeWhereTheMeshResolvesTheRange) {
  auto model = simulated_model();
  const double edge = mean_edge_length(model.c0);
  // Ranges held far above the edges, then below five of them.
  for (const double ranges : {20.0, 2.0}) {
    for (const std::size_t index : {std::size_t{0}, std::size_t{3}}) {
      model.priors[index] = {.kind = ThetaPrior::Kind::fixed, .mean = std::log(ranges * edge)};
    }
    const auto prepared = prepare_model(model, host_backend());
    const auto options = options_near_truth();
    const auto start = multilevel_start(*prepared, options);
    EXPECT_EQ(start.is_used, ranges > 5.0) << start.reason;
    EXPECT_GT(start.coarse_evaluations, 0);
    if (!start.is_used) {
      EXPECT_EQ(start.options.initial_theta, options.initial_theta);
      EXPECT_NE(start.reason.find("does not resolve"), std::string::npos);
      continue;
    }
    const auto fine = fit(*prepared, start.options, nullptr, {});
    // The fine model is the coarse one here: its first evaluation is the mode.
    EXPECT_EQ(fine.state.iteration, 0);
  }
}

}  // namespace
}  // namespace tramontana

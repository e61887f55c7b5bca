// SPDX-License-Identifier: Apache-2.0
#include "tramontana/fit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "inference/optimiser/trust_region.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "support/dense_reference.hpp"
#include "support/random_model.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

struct FitFixture : ::testing::Test {
  RandomModelOptions options{.num_processes = 2, .grid = 4, .num_steps = 4, .observations_per_step = 20, .seed = 3};
  std::vector<double> truth = random_theta(options);
  std::shared_ptr<const PreparedModel> prepared = [this] {
    auto model = random_model(options);
    testing::replace_data_by_simulation(model, truth, 8);
    return prepare_model(std::move(model), host_backend());
  }();
  FitOptions fit_options = [this] {
    FitOptions result;
    result.initial_theta = truth;
    for (std::size_t i = 0; i < truth.size(); ++i) result.initial_theta[i] += i % 2 == 0 ? 1.0 : -0.8;
    return result;
  }();
};

TEST_F(FitFixture, EndsAtAStationaryPointWithPositiveCurvature) {
  const auto result = fit(*prepared, fit_options, nullptr, {});
  EXPECT_TRUE(result.state.converged);
  EXPECT_LT(result.gradient_norm, 1e-3);
  EXPECT_LE(result.state.evaluations, 40 + static_cast<int>(truth.size()));
  const std::size_t d = truth.size();
  ASSERT_EQ(result.theta_covariance.size(), d * d);
  for (std::size_t i = 0; i < d; ++i) EXPECT_GT(result.theta_covariance[i * d + i], 0.0);
  EXPECT_LE(result.state.objective, evaluate(*prepared, truth, {}).objective + 1e-9);
}

TEST_F(FitFixture, HessianDoesNotDependOnTheDifferences) {
  fit_options.gradient_tolerance = 1e-6;
  fit_options.hessian_differences = HessianDifferences::fourth;
  const auto best = fit(*prepared, fit_options, nullptr, {});
  double size = 0.0;
  for (const double value : best.hessian) size = std::max(size, std::abs(value));
  const std::pair<HessianDifferences, double> choices[] = {
      // The forward difference keeps h/2 of the third derivative: about 1e-4 of the Hessian.
      {HessianDifferences::forward, 1e-3},
      // h^2/6 of the fourth derivative; a tenth of the forward error at half its step, for the estimate scatters.
      {HessianDifferences::central, 3e-6},
      {HessianDifferences::corrected, 2e-5},
      {HessianDifferences::automatic, 2e-5},
  };
  for (const auto& [differences, tolerance] : choices) {
    fit_options.hessian_differences = differences;
    const auto other = fit(*prepared, fit_options, nullptr, {});
    for (std::size_t i = 0; i < best.hessian.size(); ++i) {
      EXPECT_NEAR(other.hessian[i] / size, best.hessian[i] / size, tolerance) << static_cast<int>(differences);
    }
  }
}

/**
 * A mode so near to where theta cannot be evaluated that the steps of the Hessian's differences cross: the precision of
 * an effect is no number above e^709.78.
 */
TEST_F(FitFixture, HessianTakesShorterStepsWhereThetaCannotBeEvaluated) {
  auto model = prepared->model();
  model.random_effects = {{0, 3, RandomEffect::Structure::iid}};
  auto& group = model.observations[0];
  group.effect_levels.resize(1);
  for (std::size_t i = 0; i < group.y.size(); ++i) group.effect_levels[0].push_back(static_cast<std::int32_t>(i % 3));
  const double edge = std::log(std::numeric_limits<double>::max());
  constexpr double precision = 1e6;
  ThetaPrior prior;
  prior.mean = edge - 0.004;
  prior.precision = precision;
  model.priors.resize(truth.size());
  model.priors.push_back(prior);
  fit_options.initial_theta.push_back(edge - 0.01);
  const auto with_effect = prepare_model(model, host_backend());
  auto bounds = default_theta_bounds(*with_effect);
  bounds.upper.back() = edge + 1.0;
  fit_options.lower_bounds = bounds.lower;
  fit_options.upper_bounds = bounds.upper;
  auto beyond = fit_options.initial_theta;
  beyond.back() = edge + 0.006;
  EXPECT_THROW(static_cast<void>(evaluate(*with_effect, beyond, {.gradient = true})), NotPositiveDefinite);
  // Steps of at most 2e-4 stay on this side, those of 1e-2 and 2e-2 do not.
  fit_options.hessian_differences = HessianDifferences::corrected;
  const auto short_steps = fit(*with_effect, fit_options, nullptr, {});
  ASSERT_TRUE(short_steps.state.converged) << short_steps.state.stop_reason;
  fit_options.hessian_differences = HessianDifferences::fourth;
  const auto wide_steps = fit(*with_effect, fit_options, nullptr, {});
  ASSERT_TRUE(wide_steps.state.converged) << wide_steps.state.stop_reason;
  const std::size_t d = truth.size() + 1;
  EXPECT_NEAR(wide_steps.hessian[d * d - 1] / precision, 1.0, 1e-6);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    for (std::size_t j = 0; j < truth.size(); ++j) {
      const double scale = std::sqrt(short_steps.hessian[i * d + i] * short_steps.hessian[j * d + j]);
      EXPECT_NEAR(wide_steps.hessian[i * d + j] / scale, short_steps.hessian[i * d + j] / scale, 1e-4);
    }
  }
}

TEST_F(FitFixture, ResumedFitEqualsTheUninterruptedOneBitForBit) {
  std::vector<OptimizerState> states;
  const auto whole =
      fit(*prepared, fit_options, nullptr, [&](const OptimizerState& state) { states.push_back(state); });
  ASSERT_GT(states.size(), 4U);
  for (const std::size_t at : {std::size_t{0}, states.size() / 3, states.size() / 2, states.size() - 1}) {
    const auto resumed = fit(*prepared, fit_options, &states[at], {});
    EXPECT_EQ(resumed.state.theta, whole.state.theta);
    EXPECT_EQ(resumed.state.objective, whole.state.objective);
    EXPECT_EQ(resumed.theta_covariance, whole.theta_covariance);
    EXPECT_EQ(resumed.state.evaluations, whole.state.evaluations);
    EXPECT_EQ(resumed.state.trace.size(), whole.state.trace.size());
  }
}

TEST_F(FitFixture, StopsAtASafePointWhenInterrupted) {
  CancellationToken token;
  int last = -1;
  EXPECT_THROW(static_cast<void>(fit(
                   *prepared, fit_options, nullptr,
                   [&](const OptimizerState& state) {
                     last = state.iteration;
                     if (state.iteration == 2) token.cancel();
                   },
                   &token)),
               Interrupted);
  EXPECT_EQ(last, 2);
}

TEST_F(FitFixture, SaysWhenItGaveUp) {
  fit_options.maximum_iterations = 1;
  fit_options.compute_hessian = false;
  const auto result = fit(*prepared, fit_options, nullptr, {});
  EXPECT_FALSE(result.state.converged);
  EXPECT_EQ(result.state.stop_reason.rfind("the maximum number of iterations is reached; |gradient| ", 0), 0U);
  EXPECT_TRUE(result.hessian.empty());
}

TEST_F(FitFixture, RejectsOptionsAndStatesOfAnotherModel) {
  auto bad = fit_options;
  bad.initial_theta.pop_back();
  EXPECT_THROW(static_cast<void>(fit(*prepared, bad, nullptr, {})), InvalidModel);
  bad = fit_options;
  bad.gradient_tolerance = 0.0;
  EXPECT_THROW(static_cast<void>(fit(*prepared, bad, nullptr, {})), InvalidModel);
  OptimizerState foreign;
  foreign.theta = {1.0};
  foreign.evaluations = 1;
  EXPECT_THROW(static_cast<void>(fit(*prepared, fit_options, &foreign, {})), InvalidModel);
}

TEST(TrustRegion, TakesTheNewtonStepInsideTheRegion) {
  const std::vector<double> curvature{4.0, 1.0, 1.0, 3.0};
  const std::vector<double> gradient{1.0, -2.0};
  const auto step = trust_region_step(host_backend(), gradient, curvature, 10.0);
  // M p = -g.
  EXPECT_NEAR(4.0 * step.step[0] + step.step[1], -1.0, 1e-12);
  EXPECT_NEAR(step.step[0] + 3.0 * step.step[1], 2.0, 1e-12);
  EXPECT_GT(step.predicted_reduction, 0.0);
}

TEST(TrustRegion, StopsAtTheBoundaryOtherwise) {
  const std::vector<double> curvature{1e-3, 0.0, 0.0, 50.0};
  const std::vector<double> gradient{3.0, 1.0};
  const auto step = trust_region_step(host_backend(), gradient, curvature, 0.5);
  EXPECT_NEAR(step.length, 0.5, 1e-10);
  EXPECT_GT(step.predicted_reduction, 0.0);
}

TEST(TrustRegion, SurvivesASingularCurvature) {
  const std::vector<double> curvature{0.0, 0.0, 0.0, 2.0};
  const std::vector<double> gradient{1.0, 1.0};
  const auto step = trust_region_step(host_backend(), gradient, curvature, 0.7);
  EXPECT_NEAR(step.length, 0.7, 1e-8);
  EXPECT_LT(step.step[0], 0.0);
}

TEST(SymmetricInverse, RefusesAnIndefiniteMatrix) {
  const std::vector<double> matrix{1.0, 2.0, 2.0, 1.0};
  EXPECT_THROW(static_cast<void>(symmetric_inverse(host_backend(), matrix, "test matrix")), NotPositiveDefinite);
}

}  // namespace
}  // namespace tramontana

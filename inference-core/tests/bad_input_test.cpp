// SPDX-License-Identifier: Apache-2.0
// Input that no model can be made of, and hyperparameters that no computer can evaluate: a typed error with facts, or a
// finite answer; never an abort, never a number that is not one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>

#include "support/random_model.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/fit.hpp"
#include "tramontana/integration.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

/** What the refusal of a spoilt model says; empty when the model is accepted. */
std::string refusal(const std::function<void(EngineModel&)>& spoil) {
  auto model = random_model({});
  spoil(model);
  try {
    static_cast<void>(prepare_model(std::move(model), host_backend()));
  } catch (const InvalidModel& error) {
    EXPECT_FALSE(error.facts().empty());
    return error.what();
  }
  return "";
}

void expect_mention(const std::string& message, const std::string& text) {
  EXPECT_NE(message.find(text), std::string::npos) << "\"" << message << "\" should mention " << text;
}

double& entry(CsrMatrix& matrix, std::int32_t row, std::int32_t column) {
  for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
    if (matrix.column_indices[p] == column) return matrix.values[p];
  }
  throw std::out_of_range("no such entry");
}

TEST(Mesh, WithoutPositiveSemiDefiniteStiffnessIsRefused) {
  // Symmetric, but with an energy below zero: triangles counted with the wrong sign.
  expect_mention(refusal([](EngineModel& m) {
                   for (auto& value : m.g1.values) value = -value;
                 }),
                 "positive semi-definite");
  expect_mention(refusal([](EngineModel& m) { entry(m.g1, 5, 5) -= 1.0; }), "positive semi-definite");
}

TEST(Mesh, OfADegenerateTriangleOrTwoNodesAtOnePlaceIsRefused) {
  // An area of zero divides by zero in the stiffness, or leaves a node without mass.
  expect_mention(refusal([](EngineModel& m) { entry(m.g1, 5, 5) = std::nan(""); }), "g1.values must be finite");
  expect_mention(refusal([](EngineModel& m) { entry(m.g1, 5, 5) = INFINITY; }), "g1.values must be finite");
  expect_mention(refusal([](EngineModel& m) { m.c0[5] = 0.0; }), "c0 must be positive");
  expect_mention(refusal([](EngineModel& m) { m.c0[5] = std::nan(""); }), "c0 must be positive");
}

TEST(Mesh, BasisOfAnotherMeshIsRefused) {
  const auto model = random_model({});
  auto other = random_model({.seed = 2});
  const auto foreign = spectral_basis(other.c0, other.g1, host_backend());
  expect_mention(refusal([&](EngineModel& m) { m.spectral_basis = foreign; }), "spectralBasis");
  const auto own = spectral_basis(model.c0, model.g1, host_backend());
  EXPECT_EQ(refusal([&](EngineModel& m) { m.spectral_basis = own; }), "");
}

TEST(Observation, OutsideTheMeshIsRefused) {
  expect_mention(refusal([](EngineModel& m) {
                   auto& projector = m.observations[0].projector;
                   for (auto p = projector.row_pointers[3]; p < projector.row_pointers[4]; ++p)
                     projector.values[p] = 0.0;
                 }),
                 "observations[0].projector must");
  expect_mention(refusal([](EngineModel& m) { m.observations[0].projector.values[4] = std::nan(""); }),
                 "observations[0].projector.values must be finite");
}

TEST(Prediction, OutsideTheMeshIsRefused) {
  const auto model = random_model({});
  const auto prepared = prepare_model(model, host_backend());
  PredictionDesign design{0, {0}, {2, 16, {0, 1, 1}, {3}, {1.0}}, {1.0, 1.0}};
  EXPECT_THROW(static_cast<void>(predict(*prepared, random_theta({}), std::span(&design, 1))), InvalidModel);
}

TEST(Prediction, WithCovariatesThatAreNotFiniteIsRefused) {
  const auto prepared = prepare_model(random_model({}), host_backend());
  PredictionDesign design{0, {0}, {1, 16, {0, 1}, {3}, {1.0}}, {std::nan("")}};
  EXPECT_THROW(static_cast<void>(predict(*prepared, random_theta({}), std::span(&design, 1))), InvalidModel);
}

TEST(Integration, OverACovarianceThatIsNoneIsRefused) {
  const auto prepared = prepare_model(random_model({}), host_backend());
  const auto mode = random_theta({});
  const auto refusal_of = [&](std::size_t row, std::size_t column, double value) -> std::string {
    std::vector<double> covariance(mode.size() * mode.size(), 0.0);
    for (std::size_t i = 0; i < mode.size(); ++i) covariance[i * mode.size() + i] = 0.01;
    covariance[row * mode.size() + column] = value;
    try {
      static_cast<void>(integrate(*prepared, mode, covariance, {.strategy = IntegrationStrategy::empirical_bayes}));
    } catch (const InvalidModel& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(refusal_of(1, 1, 0.02), "");
  expect_mention(refusal_of(0, 1, std::nan("")), "must be finite, found nan at row 0, column 1");
  expect_mention(refusal_of(2, 2, -0.01), "no negative variance");
  expect_mention(refusal_of(0, 1, 0.004), "must be symmetric");
  // Marginals of exp(theta) would overflow.
  expect_mention(refusal_of(2, 2, 1e6), "must leave theta within 700 at 8 standard deviations");
}

TEST(Observations, MayBeAbsentFromOneResponseButNotFromAll) {
  const RandomModelOptions options{.num_processes = 2};
  auto model = random_model(options);
  model.observations[1] = {};
  model.observations[1].process = 1;
  model.observations[1].projector = {0, 16, {0}, {}, {}};
  const auto prepared = prepare_model(model, host_backend());
  const auto result = evaluate(*prepared, random_theta(options), {.gradient = true});
  EXPECT_TRUE(std::isfinite(result.objective));
  // Without data of its own, the noise precision of the second response is driven by its prior alone.
  const double theta = random_theta(options)[5];
  EXPECT_NEAR(result.gradient[5], 0.5 * (theta - 0.3), 1e-12);
}

struct Extreme {
  const char* name;
  RandomModelOptions options;
};

void PrintTo(const Extreme& extreme, std::ostream* out) { *out << extreme.name; }

class EveryExtreme : public ::testing::TestWithParam<Extreme> {};

INSTANTIATE_TEST_SUITE_P(Models, EveryExtreme,
                         ::testing::Values(Extreme{"diffusion", {}}, Extreme{"sphere", {.manifold = Manifold::sphere}},
                                           Extreme{"spatial", {.kind = ModelKind::spatial}},
                                           Extreme{"bivariate", {.num_processes = 2, .gaps = true}},
                                           Extreme{"steady", {.num_steps = 40, .same_pattern = true}},
                                           Extreme{"penalized", {.penalized_priors = true}}),
                         [](const auto& info) { return std::string(info.param.name); });

/** Every component of theta far out, alone and together: a finite answer with positive variances, or a typed error. */
TEST_P(EveryExtreme, ThetaGivesAFiniteAnswerOrATypedError) {
  const auto prepared = prepare_model(random_model(GetParam().options), host_backend());
  const auto middle = random_theta(GetParam().options);
  const auto check = [&](const std::vector<double>& theta, const std::string& where) {
    SCOPED_TRACE(where);
    try {
      const auto result = evaluate(*prepared, theta, {.gradient = true, .latent = true});
      const auto is_finite = [](double value) { return std::isfinite(value); };
      EXPECT_TRUE(is_finite(result.objective));
      EXPECT_TRUE(is_finite(result.log_marginal_likelihood));
      EXPECT_TRUE(std::ranges::all_of(result.gradient, is_finite));
      EXPECT_TRUE(std::ranges::all_of(result.latent_mean, is_finite));
      EXPECT_TRUE(std::ranges::all_of(result.marginal_variances, is_finite));
      EXPECT_TRUE(std::ranges::all_of(result.marginal_variances, [](double value) { return value >= 0.0; }));
    } catch (const NotPositiveDefinite& error) {
      const auto& facts = error.facts();
      const auto has = [&](const char* name) {
        return std::ranges::any_of(facts, [&](const auto& fact) { return fact.first == name; });
      };
      EXPECT_TRUE(has("theta")) << error.what();
    } catch (const InvalidModel&) {
    }
  };
  for (const double distance : {8.0, 20.0, 60.0, 150.0, 400.0, 800.0, 1e5, 1e300}) {
    for (const double sign : {-1.0, 1.0}) {
      for (std::size_t i = 0; i < middle.size(); ++i) {
        auto theta = middle;
        theta[i] = sign * distance;
        check(theta, "theta[" + std::to_string(i) + "] = " + std::to_string(theta[i]));
      }
      check(std::vector<double>(middle.size(), sign * distance), "all " + std::to_string(sign * distance));
    }
  }
}

TEST(Fit, FromAStartThatCannotBeEvaluatedIsATypedError) {
  const auto prepared = prepare_model(random_model({}), host_backend());
  FitOptions options;
  options.initial_theta = {0.7, 1.0, -400.0, 1.0};
  EXPECT_THROW(static_cast<void>(fit(*prepared, options, nullptr, {})), NotPositiveDefinite);
}

/** What the refusal of a spoilt checkpoint says; empty when the fit goes on from it. */
std::string checkpoint_refusal(const std::function<void(OptimizerState&)>& spoil) {
  const auto prepared = prepare_model(random_model({}), host_backend());
  FitOptions options;
  options.initial_theta = random_theta({});
  options.maximum_iterations = 2;
  options.compute_hessian = false;
  std::optional<OptimizerState> first;
  static_cast<void>(fit(*prepared, options, nullptr, [&](const OptimizerState& state) {
    if (!first) first = state;
  }));
  spoil(*first);
  try {
    static_cast<void>(fit(*prepared, options, &*first, {}));
  } catch (const InvalidModel& error) {
    return error.what();
  }
  return "";
}

TEST(Fit, FromADamagedCheckpointIsRefused) {
  EXPECT_EQ(checkpoint_refusal([](OptimizerState&) {}), "");
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.theta.pop_back(); }), "theta must have 4 components");
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.theta[2] = 1e308; }), "within its bounds");
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.trace[0].objective = INFINITY; }), "step of its trace");
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.gradient[1] = std::nan(""); }), "must be finite");
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.curvature[2] = INFINITY; }),
                 "the curvature must be finite");
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.hessian_columns = {{1.0}}; }), "Hessian column");
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.trust_radius = std::nan(""); }),
                 "no completed iteration");
  // More searches to come than were asked for: without the check, a thousand million of them.
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.search = -1'000'000'000; }),
                 "search must be from 0 to 0");
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.search_start = 99; }), "searchStart must be from 0 to");
  expect_mention(checkpoint_refusal([](OptimizerState& s) { s.saddles_left = -5; }), "saddlesLeft must be from 0");
}

}  // namespace
}  // namespace tramontana

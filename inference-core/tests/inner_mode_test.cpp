// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "inference/posterior.hpp"
#include "inference/prepared_model.hpp"
#include "support/dense_reference.hpp"
#include "support/random_model.hpp"
#include "tramontana/fit.hpp"

namespace tramontana {
namespace {

using testing::dense_laplace;
using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

struct Case {
  const char* name;
  RandomModelOptions options;
  Likelihood likelihood;
  bool second_group = false;  ///< a Gaussian group with a noise of its own observes process 0, too
  bool effects = false;
};

void PrintTo(const Case& item, std::ostream* out) { *out << item.name; }

const Case cases[] = {
    {"poisson", {.seed = 21}, Likelihood::poisson},
    {"poisson_spatial", {.kind = ModelKind::spatial, .observations_per_step = 25, .seed = 22}, Likelihood::poisson},
    {"poisson_bivariate_gaps", {.num_processes = 2, .num_steps = 6, .gaps = true, .seed = 23}, Likelihood::poisson},
    {"binomial", {.num_steps = 4, .seed = 24}, Likelihood::binomial},
    {"gamma", {.weights = true, .seed = 25}, Likelihood::gamma},
    {"student_t", {.weights = true, .seed = 26}, Likelihood::student_t},
    {"gaussian_two_groups", {.weights = true, .seed = 27}, Likelihood::gaussian, true},
    {"gaussian_effects", {.num_processes = 2, .grid = 3, .seed = 28}, Likelihood::gaussian, false, true},
    {"poisson_with_gaussian_group_and_effects", {.seed = 29}, Likelihood::poisson, true, true},
};

/** Moves y to the support of the likelihood, and adds what the case asks for. */
std::pair<EngineModel, std::vector<double>> build(const Case& item) {
  auto model = random_model(item.options);
  auto theta = random_theta(item.options);
  std::mt19937_64 random(item.options.seed + 7);
  const auto second = model.observations[0];
  for (auto& group : model.observations) {
    group.likelihood = item.likelihood;
    for (auto& y : group.y) {
      if (item.likelihood == Likelihood::poisson) y = std::round(std::exp(0.8 * y));
      if (item.likelihood == Likelihood::gamma) y = std::exp(y);
      if (item.likelihood == Likelihood::student_t && random() % 9 == 0) y += 6.0;
      if (item.likelihood == Likelihood::binomial) {
        group.exposure.push_back(1.0 + static_cast<double>(random() % 7));
        y = std::min(group.exposure.back(), std::max(0.0, std::round(1.5 * y)));
      }
      if (item.likelihood == Likelihood::poisson)
        group.exposure.push_back(0.5 + 0.1 * static_cast<double>(random() % 9));
    }
  }
  // One process has its likelihood parameters at the end, several have theirs before the standard deviations.
  const std::size_t field = item.options.kind == ModelKind::spatial ? 1 : 2;
  const auto n_v = static_cast<std::size_t>(item.options.num_processes);
  const bool counts = item.likelihood == Likelihood::poisson || item.likelihood == Likelihood::binomial;
  for (std::size_t k = n_v; k-- > 0;) {
    const auto at = theta.begin() + static_cast<std::ptrdiff_t>(n_v == 1 ? field + 1 : k * (field + 1) + field);
    if (counts) theta.erase(at);
    if (item.likelihood == Likelihood::student_t) theta.insert(at + 1, 0.7);
  }
  if (item.second_group) {
    model.observations.push_back(second);
    std::normal_distribution<double> normal;
    for (auto& y : model.observations.back().y) y += 0.6 * normal(random);
    theta.push_back(0.4);
  }
  if (item.effects) {
    model.random_effects = {{0, 4, RandomEffect::Structure::iid}, {0, 5, RandomEffect::Structure::cyclic_walk}};
    for (auto& group : model.observations) {
      if (group.process != 0) continue;
      group.effect_levels.resize(2);
      for (std::size_t i = 0; i < group.y.size(); ++i) {
        group.effect_levels[0].push_back(static_cast<std::int32_t>(random() % 5) - 1);
        group.effect_levels[1].push_back(static_cast<std::int32_t>(random() % 5));
      }
    }
    theta.push_back(0.9);
    theta.push_back(1.3);
  }
  model.priors.assign(theta.size(), ThetaPrior{});
  for (auto& prior : model.priors) prior.mean = 0.3, prior.precision = 0.5;
  return {std::move(model), std::move(theta)};
}

class EveryPosterior : public ::testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Models, EveryPosterior, ::testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(EveryPosterior, AgreesWithNewtonOnTheAssembledPrecision) {
  const auto [model, theta] = build(GetParam());
  const auto expected = dense_laplace(model, theta);
  const auto prepared = prepare_model(model, host_backend());
  for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
    const auto found = evaluate(*prepared, theta, {.latent = true, .coordinates = coordinates});
    // As for Gaussian data, the dense reference loses some digits in its determinants.
    EXPECT_NEAR(found.objective, expected.objective, 1e-9 * (1.0 + std::abs(expected.objective)));
    EXPECT_NEAR(found.log_determinant_posterior, expected.log_determinant_posterior, 1e-9);
    ASSERT_EQ(found.latent_mean.size(), expected.mean.size());
    for (std::size_t i = 0; i < expected.mean.size(); ++i) {
      ASSERT_NEAR(found.latent_mean[i], expected.mean[i], 1e-8);
      ASSERT_NEAR(found.marginal_variances[i] / expected.covariance(i, i), 1.0, 1e-8);
    }
  }
}

TEST_P(EveryPosterior, GradientAgreesWithSixthOrderDifferences) {
  const auto [model, theta] = build(GetParam());
  const auto prepared = prepare_model(model, host_backend());
  for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
    const auto gradient = evaluate(*prepared, theta, {.gradient = true, .coordinates = coordinates}).gradient;
    double scale = 1.0;
    for (const double value : gradient) scale = std::max(scale, std::abs(value));
    for (std::size_t i = 0; i < theta.size(); ++i) {
      constexpr double h = 5e-3;
      const auto f = [&](double shift) {
        auto moved = theta;
        moved[i] += shift;
        return evaluate(*prepared, moved, {.coordinates = coordinates}).objective;
      };
      const double expected =
          (45.0 * (f(h) - f(-h)) - 9.0 * (f(2 * h) - f(-2 * h)) + (f(3 * h) - f(-3 * h))) / (60.0 * h);
      // Differences: h^6 f^(7) / 140 and 1e-13 |f| / h.
      EXPECT_NEAR(gradient[i], expected, 1e-8 * scale) << "component " << i << " " << theta_names(*prepared)[i];
    }
  }
}

TEST_P(EveryPosterior, IsFitted) {
  const auto [model, theta] = build(GetParam());
  const auto prepared = prepare_model(model, host_backend());
  const auto result = fit(*prepared, {.initial_theta = theta, .gradient_tolerance = 1e-3}, nullptr, {});
  EXPECT_TRUE(result.state.converged) << result.state.stop_reason << " " << result.gradient_norm;
  EXPECT_LT(result.gradient_norm, 1e-3);
  EXPECT_LE(result.state.evaluations, 40);
}

TEST(TransformedResponses, GiveTheLikelihoodOfTheResponseItself) {
  // If z = log y is Gaussian, then p(y) = p(z) / y, whatever the model of z.
  const RandomModelOptions options{.seed = 31};
  auto plain = random_model(options);
  auto logged = plain;
  auto rooted = plain;
  logged.observations[0].transform = ResponseTransform::log;
  rooted.observations[0].transform = ResponseTransform::square_root;
  double log_jacobian = 0.0;
  double root_jacobian = 0.0;
  for (std::size_t i = 0; i < plain.observations[0].y.size(); ++i) {
    double& z = plain.observations[0].y[i];
    z = std::abs(z) + 0.1;
    logged.observations[0].y[i] = std::exp(z);
    log_jacobian -= z;
    rooted.observations[0].y[i] = z * z;
    root_jacobian -= std::log(2.0 * z);
  }
  const auto theta = random_theta(options);
  const auto likelihood = [&](const EngineModel& model) {
    return evaluate(*prepare_model(model, host_backend()), theta, {}).log_marginal_likelihood;
  };
  const double expected = likelihood(plain);
  EXPECT_NEAR(likelihood(logged), expected + log_jacobian, 1e-9);
  EXPECT_NEAR(likelihood(rooted), expected + root_jacobian, 1e-9);
}

/** Their log density is small, and a difference of numbers of 1e8: summed as such, it could not tell a step up from
 * down. */
TEST(LargeCounts, AreFitted) {
  auto [model, theta] = build(cases[0]);
  for (auto& group : model.observations) {
    for (auto& y : group.y) y = std::round(1e7 * (1.0 + 0.1 * y));
    group.exposure.assign(group.y.size(), 1e4);
  }
  FitOptions options;
  options.initial_theta = theta;
  const auto found = fit(*prepare_model(model, host_backend()), options, nullptr, {});
  EXPECT_TRUE(found.state.converged) << found.state.stop_reason;
}

TEST(Units, ScaledAndShiftedResponsesGiveTheSameFit) {
  // y -> c y + m: sigma and noise scale with c, ranges and the shape of the posterior stay.
  const RandomModelOptions options{.grid = 7, .num_steps = 8, .observations_per_step = 40, .seed = 32};
  auto model = random_model(options);
  auto theta = random_theta(options);
  testing::replace_data_by_simulation(model, theta, 33);
  model.priors.assign(4, ThetaPrior{});  // flat: a prior has units
  model.fixed_effects_prior_precision = 1e-12;
  auto scaled = model;
  constexpr double factor = 1000.0;
  for (auto& y : scaled.observations[0].y) y = factor * y + 500.0;
  for (auto& value : theta) value += 0.2;
  auto moved = theta;
  moved[2] += std::log(factor);
  moved[3] -= 2.0 * std::log(factor);
  const FitOptions fit_options{.initial_theta = theta, .gradient_tolerance = 1e-7};
  auto moved_options = fit_options;
  moved_options.initial_theta = moved;
  const auto a = fit(*prepare_model(model, host_backend()), fit_options, nullptr, {});
  const auto b = fit(*prepare_model(scaled, host_backend()), moved_options, nullptr, {});
  for (std::size_t i = 0; i < theta.size(); ++i) {
    // Two searches that stop within 1e-7 of the same mode.
    EXPECT_NEAR(b.state.theta[i] - a.state.theta[i], moved[i] - theta[i], 1e-5);
  }
}

}  // namespace
}  // namespace tramontana

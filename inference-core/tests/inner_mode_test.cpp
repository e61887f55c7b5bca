// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "inference/posterior/posterior.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "support/dense_reference.hpp"
#include "support/likelihood_cases.hpp"
#include "support/random_model.hpp"
#include "tramontana/fit.hpp"
#include "tramontana/integration.hpp"
#include "tramontana/sampling.hpp"

namespace tramontana {
namespace {

using testing::dense_laplace;
using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

class EveryPosterior : public ::testing::TestWithParam<testing::LikelihoodCase> {};

INSTANTIATE_TEST_SUITE_P(Models, EveryPosterior, ::testing::ValuesIn(testing::likelihood_cases()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(EveryPosterior, AgreesWithNewtonOnTheAssembledPrecision) {
  const auto [model, theta] = testing::likelihood_model(GetParam());
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
  const auto [model, theta] = testing::likelihood_model(GetParam());
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

/** The posterior mean by importance sampling from the dense normal approximation, whose every draw is independent. */
TEST_P(EveryPosterior, MeanIsThatOfImportanceSampling) {
  const auto [model, theta] = testing::likelihood_model(GetParam());
  const auto prepared = prepare_model(model, host_backend());
  const auto approximation = dense_laplace(model, theta);
  const std::size_t n = approximation.mean.size();
  const std::size_t nodes = prepared->num_nodes();
  const auto predictor = [&](const std::vector<double>& x, const ObservationGroup& group, std::size_t i) {
    const auto process = static_cast<std::size_t>(group.process);
    const auto step = static_cast<std::size_t>(group.time_index[i]);
    double eta = 0.0;
    for (auto p = group.projector.row_pointers[i]; p < group.projector.row_pointers[i + 1]; ++p) {
      eta += group.projector.values[p] * x[(step * prepared->num_processes() + process) * nodes +
                                           static_cast<std::size_t>(group.projector.column_indices[p])];
    }
    const auto covariates = static_cast<std::size_t>(group.num_covariates);
    const std::size_t first = n - prepared->num_border_columns() + prepared->fixed_effect_offset(process);
    for (std::size_t c = 0; c < covariates; ++c) eta += group.covariates[i * covariates + c] * x[first + c];
    std::size_t column = first + covariates;
    for (std::size_t effect = 0; effect < group.effect_levels.size(); ++effect) {
      const auto level = group.effect_levels[effect][i];
      if (level >= 0) eta += x[column + static_cast<std::size_t>(level)];
      column += static_cast<std::size_t>(model.random_effects[effect].num_levels);
    }
    return eta;
  };
  // p / q of a draw: what the log density has beyond its second order about the mode.
  const Posterior posterior(*prepared, theta, {}, nullptr);
  const auto excess = [&](const std::vector<double>& x) {
    double sum = 0.0;
    for (std::size_t g = 0; g < model.observations.size(); ++g) {
      const auto& group = model.observations[g];
      if (group.likelihood == Likelihood::gaussian) continue;
      const auto& likelihood = likelihood_model(group.likelihood);
      const auto parameters = posterior.prior().likelihood_parameters(g);
      for (std::size_t i = 0; i < group.y.size(); ++i) {
        const Datum datum{group.y[i], group.weights.empty() ? 1.0 : group.weights[i],
                          group.exposure.empty() ? 1.0 : group.exposure[i]};
        const double mode = predictor(approximation.mean, group, i);
        const double move = predictor(x, group, i) - mode;
        const auto terms = likelihood.terms(datum, mode, parameters);
        sum += likelihood.terms(datum, mode + move, parameters).log_density - terms.log_density - terms.score * move +
               0.5 * terms.weight * move * move;
      }
    }
    return sum;
  };
  auto factor = DenseMatrix::zero(n, n);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) {
      double value = approximation.covariance(i, j);
      for (std::size_t k = 0; k < j; ++k) value -= factor(i, k) * factor(j, k);
      factor(i, j) = i == j ? std::sqrt(value) : value / factor(j, j);
    }
  }
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  double total = 0.0;
  double squares = 0.0;
  std::vector<double> mean(n, 0.0);
  for (int draw = 0; draw < 20'000; ++draw) {
    std::vector<double> z(n);
    for (auto& value : z) value = normal(random);
    // Each draw with its mirror image, so that a normal posterior has its mean exactly.
    for (const double sign : {-1.0, 1.0}) {
      auto x = approximation.mean;
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t i = j; i < n; ++i) x[i] += sign * factor(i, j) * z[j];
      }
      const double weight = std::exp(excess(x));
      total += weight;
      squares += weight * weight;
      for (std::size_t i = 0; i < n; ++i) mean[i] += weight * x[i];
    }
  }
  EXPECT_GT(total * total / squares, 1'000.0) << "draws that count";
  IntegrationOptions options;
  options.strategy = IntegrationStrategy::empirical_bayes;
  options.criteria = false;
  const std::vector<double> none(theta.size() * theta.size(), 0.0);
  const auto found = integrate(*prepared, theta, none, options);
  double worst = 0.0;
  double worst_mode = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    worst = std::max(worst, std::abs(found.latent.mean[i] - mean[i] / total) / found.latent.sd[i]);
    worst_mode = std::max(worst_mode, std::abs(approximation.mean[i] - mean[i] / total) / found.latent.sd[i]);
  }
  // A Student t with outliers has a posterior of several shoulders, which no mean of a normal density follows as
  // closely.
  EXPECT_LT(worst, GetParam().likelihood == Likelihood::student_t ? 0.15 : 0.05) << "the mode is off by " << worst_mode;
  EXPECT_NEAR(found.fixed_effects[0].mean, found.latent.mean[n - prepared->num_border_columns()], 1e-12);
}

TEST_P(EveryPosterior, PredictionsAndSamplesHaveTheMeanOfTheIntegration) {
  const auto [model, theta] = testing::likelihood_model(GetParam());
  const auto prepared = prepare_model(model, host_backend());
  PredictionDesign design{0, {1}, {}, {}};
  if (model.num_time_steps == 1) design.time_indices = {0};
  design.projector.num_rows = 1;
  design.projector.num_columns = static_cast<std::int32_t>(prepared->num_nodes());
  design.projector.row_pointers = {0, 2};
  design.projector.column_indices = {1, 2};
  design.projector.values = {0.4, 0.6};
  design.covariates.assign(prepared->border().columns(0).total(), 0.0);
  design.covariates[0] = 1.0;
  IntegrationOptions options;
  options.strategy = IntegrationStrategy::empirical_bayes;
  options.predictions = {design};
  const std::vector<double> none(theta.size() * theta.size(), 0.0);
  const auto integrated = integrate(*prepared, theta, none, options).predictions[0];
  const auto predicted = predict(*prepared, theta, {&design, 1})[0];
  EXPECT_NEAR(predicted.mean[0], integrated.mean[0], 1e-12);
  SamplingOptions sampling;
  sampling.num_samples = 2000;
  sampling.predictions = {design};
  const SamplingPoint point{theta, 1.0};
  if (GetParam().likelihood == Likelihood::student_t) {
    EXPECT_THROW(static_cast<void>(sample_posterior(*prepared, {&point, 1}, sampling)), InvalidModel) << "outliers";
    return;
  }
  const auto samples = sample_posterior(*prepared, {&point, 1}, sampling).predictions[0];
  const double mean = std::accumulate(samples.begin(), samples.end(), 0.0) / 2000.0;
  EXPECT_NEAR(mean, predicted.mean[0], 4.0 * std::sqrt(predicted.variance[0] / 2000.0));
}

TEST_P(EveryPosterior, IsFitted) {
  const auto [model, theta] = testing::likelihood_model(GetParam());
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
  auto [model, theta] = testing::likelihood_model(testing::likelihood_cases()[0]);
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

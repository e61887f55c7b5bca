// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "inference/posterior/small_dense.hpp"
#include "support/covariance_evidence.hpp"
#include "support/random_model.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::RandomModelOptions;

/** K of the mesh by plain loops: C0 (g^2 + C0^-1 G1)^2 and its inverse scaled to the field's variance. */
DenseMatrix spatial_covariance(const EngineModel& model, double range, double sigma) {
  const std::size_t n = model.c0.size();
  const double kappa2 = 8.0 / (range * range);
  auto first = DenseMatrix::zero(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    first(i, i) += kappa2 * model.c0[i];
    for (auto p = model.g1.row_pointers[i]; p < model.g1.row_pointers[i + 1]; ++p) {
      first(i, static_cast<std::size_t>(model.g1.column_indices[p])) += model.g1.values[p];
    }
  }
  DenseMatrix scaled = first;
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) scaled(i, j) /= model.c0[i];
  }
  auto precision = small_product(first, true, scaled);
  double tau2 = 1.0 / (4.0 * std::numbers::pi * kappa2 * sigma * sigma);
  if (model.manifold == Manifold::sphere) {
    double sum = 0.0;
    for (int k = 2000000; k-- > 0;) sum += (2.0 * k + 1.0) / std::pow(kappa2 + static_cast<double>(k) * (k + 1.0), 2);
    tau2 = sum / (4.0 * std::numbers::pi * sigma * sigma);
  }
  for (std::size_t i = 0; i < n * n; ++i) precision.data()[i] *= tau2;
  const auto inverse = small_triangular_inverse(small_cholesky(precision, "spatial precision"));
  return small_product(inverse, true, inverse);
}

/** Cov(u_s, u_t) = rho^|s-t| Sigma_s: no precision, no recursion. */
double log_marginal_likelihood(const EngineModel& model, const std::vector<double>& theta) {
  const auto spatial = spatial_covariance(model, std::exp(theta[0]), std::exp(theta[2]));
  const double rho = std::tanh(0.5 * theta[1]);
  const auto covariance = [&](std::size_t i, std::size_t j, int lag) { return std::pow(rho, lag) * spatial(i, j); };
  return testing::log_evidence_of_covariance(model, covariance, std::exp(theta[3]));
}

EngineModel separable_model(int num_steps, Manifold manifold, bool gaps) {
  RandomModelOptions options{.manifold = manifold, .num_steps = num_steps, .weights = true, .gaps = gaps, .seed = 50};
  auto model = random_model(options);
  model.kind = ModelKind::separable;
  model.temporal.reset();
  model.priors = {{ThetaPrior::Kind::spatial_range, 0.0, 0.0, 2.0},
                  {ThetaPrior::Kind::gaussian, 0.0, 0.15, 0.0},
                  {ThetaPrior::Kind::sigma, 0.0, 0.0, 1.5},
                  {.kind = ThetaPrior::Kind::log_gamma, .shape = 1.0, .rate = 5e-5}};
  return model;
}

struct Case {
  int num_steps;
  Manifold manifold;
  bool gaps;
  double rho_internal;
};

const Case cases[] = {{1, Manifold::plane, false, 1.2},
                      {2, Manifold::plane, false, 1.2},
                      {6, Manifold::plane, false, 2.1},
                      {7, Manifold::plane, true, -0.9},
                      {5, Manifold::sphere, false, 4.5}};

TEST(Separable, EvidenceEqualsThatOfTheCovarianceOfTheData) {
  for (const auto& [num_steps, manifold, gaps, rho_internal] : cases) {
    const auto model = separable_model(num_steps, manifold, gaps);
    const std::vector<double> theta{0.6, rho_internal, -0.2, 1.4};
    const auto prepared = prepare_model(model, host_backend());
    EXPECT_EQ(theta_names(*prepared),
              (std::vector<std::string>{"log_range_s", "rho_internal", "log_sigma", "log_noise_precision"}));
    const double expected = log_marginal_likelihood(model, theta);
    for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
      const auto found = evaluate(*prepared, theta, {.coordinates = coordinates});
      // V has a condition number of about 1e6 (fixed effects of variance 1000 beside noise): eps cond.
      EXPECT_NEAR(found.log_marginal_likelihood, expected, 1e-8);
    }
  }
}

TEST(Separable, GradientEqualsDifferences) {
  for (const auto& [num_steps, manifold, gaps, rho_internal] : cases) {
    const auto prepared = prepare_model(separable_model(num_steps, manifold, gaps), host_backend());
    const std::vector<double> theta{0.6, rho_internal, -0.2, 1.4};
    const auto objective = [&](std::size_t i, double shift) {
      auto moved = theta;
      moved[i] += shift;
      return evaluate(*prepared, moved, {}).objective;
    };
    for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
      const auto gradient = evaluate(*prepared, theta, {.gradient = true, .coordinates = coordinates}).gradient;
      for (std::size_t i = 0; i < theta.size(); ++i) {
        constexpr double h = 4e-3;
        const double difference =
            (45.0 * (objective(i, h) - objective(i, -h)) - 9.0 * (objective(i, 2.0 * h) - objective(i, -2.0 * h)) +
             objective(i, 3.0 * h) - objective(i, -3.0 * h)) /
            (60.0 * h);
        // Sixth-order differences: h^6 f'''''''/140 and eps f / h, both below 1e-9 here.
        EXPECT_NEAR(gradient[i], difference, 1e-8 * (1.0 + std::abs(difference)));
      }
    }
  }
}

TEST(Separable, LogPosteriorHoldsEveryConstantOfThePriors) {
  const auto model = separable_model(4, Manifold::plane, false);
  const std::vector<double> theta{0.6, 1.1, -0.2, 1.4};
  const auto found = evaluate(*prepare_model(model, host_backend()), theta, {});
  // Densities of range, sigma, rho_internal and precision times the Jacobian of the log where theta is a log.
  const double range = std::exp(theta[0]);
  const double sigma = std::exp(theta[2]);
  const double precision = std::exp(theta[3]);
  const double expected = std::log(2.0 / (range * range) * std::exp(-2.0 / range) * range) +
                          std::log(std::sqrt(0.15 / (2.0 * std::numbers::pi)) * std::exp(-0.5 * 0.15 * 1.1 * 1.1)) +
                          std::log(1.5 * std::exp(-1.5 * sigma) * sigma) +
                          std::log(5e-5 * std::exp(-5e-5 * precision) * precision);
  EXPECT_NEAR(found.log_posterior - found.log_marginal_likelihood, expected, 1e-12 * std::abs(expected));
}

TEST(Separable, NamesAPriorThatIsNotOne) {
  auto model = separable_model(3, Manifold::plane, false);
  model.priors[3].rate = 0.0;
  EXPECT_THROW(static_cast<void>(prepare_model(model, host_backend())), InvalidModel);
}

}  // namespace
}  // namespace tramontana

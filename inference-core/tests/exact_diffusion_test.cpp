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
using testing::random_theta;
using testing::RandomModelOptions;

RandomModelOptions options_of(int num_steps, bool gaps, Manifold manifold = Manifold::plane) {
  return {.kind = ModelKind::exact_diffusion,
          .manifold = manifold,
          .num_steps = num_steps,
          .weights = true,
          .gaps = gaps,
          .seed = 60};
}

DenseMatrix scaled(DenseMatrix m, double factor) {
  for (std::size_t i = 0; i < m.rows() * m.columns(); ++i) m.data()[i] *= factor;
  return m;
}

/** e^m by its Taylor series, after halving m until it is small: no eigenvalues are involved. */
DenseMatrix exponential(const DenseMatrix& m) {
  const std::size_t n = m.rows();
  double size = 0.0;
  for (std::size_t i = 0; i < n * n; ++i) size = std::max(size, static_cast<double>(n) * std::abs(m.data()[i]));
  const int halvings = std::max(0, static_cast<int>(std::ceil(std::log2(size))) + 4);
  const auto small = scaled(m, std::ldexp(1.0, -halvings));
  auto result = DenseMatrix::zero(n, n);
  auto term = DenseMatrix::zero(n, n);
  for (std::size_t i = 0; i < n; ++i) result(i, i) = term(i, i) = 1.0;
  for (int k = 1; k < 12; ++k) {
    term = scaled(small_product(term, false, small), 1.0 / k);
    for (std::size_t i = 0; i < n * n; ++i) result.data()[i] += term.data()[i];
  }
  for (int i = 0; i < halvings; ++i) result = small_product(result, false, result);
  return result;
}

/**
 * Nodal covariances at lags 0, 1, ..: C0^-1/2 v B^-2 e^(-lag B / gt) C0^-1/2 with B = g^2 + C0^-1/2 G1 C0^-1/2, from
 * the stochastic differential equation itself.
 */
std::vector<DenseMatrix> field_covariances(const EngineModel& model, const std::vector<double>& theta) {
  const std::size_t n = model.c0.size();
  const double g2 = 8.0 / std::exp(2.0 * theta[0]);
  const double gt = 0.5 * std::exp(theta[1]) * g2;
  double variance = std::exp(2.0 * theta[2]) * 4.0 * std::numbers::pi;
  if (model.manifold == Manifold::plane) {
    variance *= g2;
  } else {
    double sum = 0.0;
    for (int k = 2000000; k-- > 0;) sum += (2.0 * k + 1.0) / std::pow(g2 + static_cast<double>(k) * (k + 1.0), 2);
    variance /= sum;
  }
  auto b = DenseMatrix::zero(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    b(i, i) += g2;
    for (auto p = model.g1.row_pointers[i]; p < model.g1.row_pointers[i + 1]; ++p) {
      const auto j = static_cast<std::size_t>(model.g1.column_indices[p]);
      b(i, j) += model.g1.values[p] / std::sqrt(model.c0[i] * model.c0[j]);
    }
  }
  const auto inverse_factor = small_triangular_inverse(small_cholesky(b, "B"));
  const auto inverse = small_product(inverse_factor, true, inverse_factor);
  auto covariance = scaled(small_product(inverse, false, inverse), variance);
  const auto decay = exponential(scaled(b, -1.0 / gt));
  std::vector<DenseMatrix> result;
  for (int lag = 0; lag < model.num_time_steps; ++lag) {
    result.push_back(covariance);
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < n; ++i) result.back()(i, j) /= std::sqrt(model.c0[i] * model.c0[j]);
    }
    covariance = small_product(covariance, false, decay);
  }
  return result;
}

struct Case {
  int num_steps;
  bool gaps;
  Manifold manifold;
};

const Case cases[] = {{1, false, Manifold::plane},
                      {2, false, Manifold::plane},
                      {6, false, Manifold::plane},
                      {7, true, Manifold::plane},
                      {5, false, Manifold::sphere}};

/** Sixth-order differences of the objective. */
double difference(const PreparedModel& model, const std::vector<double>& theta, std::size_t index) {
  constexpr double h = 4e-3;
  const auto objective = [&](double shift) {
    auto moved = theta;
    moved[index] += shift;
    return evaluate(model, moved, {}).objective;
  };
  return (45.0 * (objective(h) - objective(-h)) - 9.0 * (objective(2.0 * h) - objective(-2.0 * h)) +
          objective(3.0 * h) - objective(-3.0 * h)) /
         (60.0 * h);
}

TEST(ExactDiffusion, EvidenceEqualsThatOfTheStochasticDifferentialEquation) {
  for (const auto& [num_steps, gaps, manifold] : cases) {
    const auto options = options_of(num_steps, gaps, manifold);
    const auto model = random_model(options);
    const auto theta = random_theta(options);
    const auto field = field_covariances(model, theta);
    const double expected = testing::log_evidence_of_covariance(
        model, [&](std::size_t i, std::size_t j, int lag) { return field[static_cast<std::size_t>(lag)](i, j); },
        std::exp(theta[3]));
    const auto prepared = prepare_model(model, host_backend());
    // V has a condition number of about 1e6 (fixed effects of variance 1000 beside noise): eps cond.
    EXPECT_NEAR(evaluate(*prepared, theta, {}).log_marginal_likelihood, expected, 1e-8);
  }
}

TEST(ExactDiffusion, GradientEqualsDifferences) {
  for (const int num_processes : {1, 2}) {
    for (const auto& [num_steps, gaps, manifold] : cases) {
      auto options = options_of(num_steps, gaps, manifold);
      options.num_processes = num_processes;
      const auto prepared = prepare_model(random_model(options), host_backend());
      const auto theta = random_theta(options);
      const auto gradient = evaluate(*prepared, theta, {.gradient = true}).gradient;
      for (std::size_t i = 0; i < theta.size(); ++i) {
        const double expected = difference(*prepared, theta, i);
        // h^6 f'''''''/140 and eps f / h, both below 1e-9 here.
        EXPECT_NEAR(gradient[i], expected, 1e-8 * (1.0 + std::abs(expected))) << i << " of " << num_processes;
      }
    }
  }
}

TEST(ExactDiffusion, GradientIsExactThroughTheModeOfCounts) {
  auto options = options_of(4, true);
  auto model = random_model(options);
  auto& group = model.observations[0];
  group.likelihood = Likelihood::poisson;
  group.weights.clear();
  for (auto& y : group.y) y = std::max(0.0, std::round(3.0 + y));
  model.priors.pop_back();
  auto theta = random_theta(options);
  theta.pop_back();
  const auto prepared = prepare_model(model, host_backend());
  const auto gradient = evaluate(*prepared, theta, {.gradient = true}).gradient;
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const double expected = difference(*prepared, theta, i);
    // The mode is found to 1e-10 of a standard deviation; its square enters the objective.
    EXPECT_NEAR(gradient[i], expected, 1e-8 * (1.0 + std::abs(expected))) << i;
  }
}

TEST(ExactDiffusion, ASeriesSeenEveryOtherDayIsOneWithStepsOfTwoDays) {
  const auto options = options_of(4, false);
  const auto every_day = random_model(options);
  const auto theta = random_theta(options);
  auto every_other = every_day;
  every_other.num_time_steps = 7;
  for (auto& step : every_other.observations[0].time_index) step *= 2;
  auto longer = theta;
  longer[1] += std::log(2.0);
  const double expected = evaluate(*prepare_model(every_day, host_backend()), theta, {}).log_marginal_likelihood;
  // Rounding of two log-determinants of some hundreds.
  EXPECT_NEAR(evaluate(*prepare_model(every_other, host_backend()), longer, {}).log_marginal_likelihood, expected,
              1e-10);
}

TEST(ExactDiffusion, HasNoFormBetweenTheNodes) {
  const auto options = options_of(3, false);
  const auto prepared = prepare_model(random_model(options), host_backend());
  EXPECT_THROW(static_cast<void>(
                   evaluate(*prepared, random_theta(options), {.coordinates = EvaluationOptions::Coordinates::nodal})),
               InvalidModel);
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "grid/grid_information.hpp"
#include "host/host_backend.hpp"
#include "support/grid_reference.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {
namespace {

using namespace small_grid;

GridModel with_proper_effects() {
  auto model = small_grid::model();
  model.fixed_effects_prior_precision = 0.5;
  return model;
}

TEST(GridInformation, IsTheAverageInformationOfAllValuesTogether) {
  const auto grid = prepare_grid(with_proper_effects(), host_backend());
  const auto dense = dense_grid(*grid, theta);
  const std::size_t n = dense.y.size();
  const std::size_t d = theta.size();
  const DenseNormal normal(dense.covariance, n);
  const auto a = normal.solve(dense.y);
  std::vector<std::vector<double>> moved;
  for (std::size_t k = 0; k < d; ++k) {
    constexpr double h = 1e-3;
    const auto at = [&](double shift) {
      auto shifted = theta;
      shifted[k] += shift;
      return dense_grid(*grid, shifted).covariance;
    };
    const auto above = at(h);
    const auto below = at(-h);
    std::vector<double> product(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) product[i] += (above[i * n + j] - below[i * n + j]) / (2.0 * h) * a[j];
    }
    moved.push_back(product);
  }
  const auto found = average_information(*grid, theta, evaluate_grid(*grid, theta, false), nullptr);
  for (std::size_t k = 0; k < d; ++k) {
    const auto solved = normal.solve(moved[k]);
    for (std::size_t l = 0; l < d; ++l) {
      double expected = 0.0;
      for (std::size_t i = 0; i < n; ++i) expected += 0.5 * moved[l][i] * solved[i];
      // Differences of second order: h^2 of the third derivative.
      EXPECT_NEAR(found[k * d + l], expected, 1e-5 * (1.0 + std::abs(expected))) << k << " " << l;
    }
  }
}

/** Data drawn from the model at theta. */
GridModel simulated(std::uint64_t seed) {
  auto model = with_proper_effects();
  const auto grid = prepare_grid(model, host_backend());
  auto dense = dense_grid(*grid, theta);
  const std::size_t n = dense.y.size();
  const DenseNormal normal(std::move(dense.covariance), n);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> standard;
  std::vector<double> z(n);
  for (auto& value : z) value = standard(random);
  for (std::size_t r = 0; r < grid->rows().size(); ++r) {
    const auto& row = grid->rows()[r];
    auto& group = model.groups[row.group];
    std::size_t position = 0;
    while (static_cast<std::size_t>(group.time_index[position]) != row.step) ++position;
    for (std::size_t c = 0; c < num_cells; ++c) {
      double sum = 0.0;
      const std::size_t i = r * num_cells + c;
      for (std::size_t k = 0; k <= i; ++k) sum += normal.factor[i * n + k] * z[k];
      group.y[position * num_cells + c] = sum;
    }
  }
  return model;
}

TEST(GridFit, EndsAtTheModeInAFewSteps) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto grid = prepare_grid(simulated(seed), host_backend());
    FitOptions options;
    options.initial_theta = theta;
    for (std::size_t i = 0; i < theta.size(); ++i) options.initial_theta[i] += i % 2 == 0 ? 0.5 : -0.5;
    options.gradient_tolerance = 1e-5;
    const auto found = fit_grid(*grid, options, nullptr, {});
    EXPECT_TRUE(found.state.converged) << found.state.stop_reason;
    EXPECT_LT(found.gradient_norm, 1e-5);
    // Two for each component of the Hessian at the end.
    EXPECT_LT(found.state.evaluations - 2 * static_cast<int>(theta.size()), 25) << found.state.stop_reason;
    ASSERT_EQ(found.theta_covariance.size(), theta.size() * theta.size());
    for (std::size_t i = 0; i < theta.size(); ++i) {
      auto beside = found.state.theta;
      beside[i] += 0.05;
      EXPECT_GT(evaluate_grid(*grid, beside, false).objective, found.evaluation.objective);
      EXPECT_GT(found.theta_covariance[i * (theta.size() + 1)], 0.0);
    }
  }
}

TEST(GridFit, GoesOnFromItsOwnStateAndHoldsFixedComponents) {
  auto model = simulated(4);
  model.priors[2] = {.kind = ThetaPrior::Kind::fixed, .mean = 1.9};
  const auto grid = prepare_grid(std::move(model), host_backend());
  FitOptions options;
  options.initial_theta = theta;
  std::vector<OptimizerState> states;
  const auto whole = fit_grid(*grid, options, nullptr, [&](const OptimizerState& state) { states.push_back(state); });
  EXPECT_EQ(whole.state.theta[2], 1.9);
  EXPECT_EQ(whole.theta_covariance[2 * (theta.size() + 1)], 0.0);
  ASSERT_GT(states.size(), 3u);
  const auto resumed = fit_grid(*grid, options, &states[1], {});
  EXPECT_EQ(resumed.state.theta, whole.state.theta);
  EXPECT_EQ(resumed.hessian, whole.hessian);
}

}  // namespace
}  // namespace tramontana

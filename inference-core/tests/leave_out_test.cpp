// SPDX-License-Identifier: Apache-2.0
#include "tramontana/leave_out.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "inference/posterior/small_dense.hpp"
#include "support/dense_reference.hpp"
#include "support/random_model.hpp"
#include "tramontana/integration.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

struct LeaveOutFixture : ::testing::Test {
  RandomModelOptions options{
      .num_processes = 2, .grid = 3, .num_steps = 4, .observations_per_step = 8, .weights = true, .seed = 95};
  EngineModel model = random_model(options);
  std::vector<double> theta = random_theta(options);
  std::shared_ptr<const PreparedModel> prepared = prepare_model(model, host_backend());
  /** Every eighth observation of a group is one station; the second group has three of them left out. */
  std::vector<std::vector<std::int32_t>> folds = [this] {
    std::vector<std::vector<std::int32_t>> result;
    for (std::size_t g = 0; g < 2; ++g) {
      std::vector<std::int32_t> group;
      for (std::size_t i = 0; i < model.observations[g].y.size(); ++i) {
        const auto station = static_cast<std::int32_t>(i % 8);
        group.push_back(g == 0 ? station : station < 3 ? station : -1);
      }
      result.push_back(std::move(group));
    }
    return result;
  }();

  [[nodiscard]] double precision(std::size_t g, std::size_t i) const {
    // [range_s, range_t, tau] for each process.
    return std::exp(theta[3 * g + 2]) * model.observations[g].weights[i];
  }

  /** One observation's row over the latent order of the dense reference. */
  [[nodiscard]] std::vector<double> row(std::size_t g, std::size_t i, std::size_t size) const {
    const auto& group = model.observations[g];
    std::vector<double> result(size, 0.0);
    const auto block = static_cast<std::size_t>(group.time_index[i]) * 2 + g;
    for (auto p = group.projector.row_pointers[i]; p < group.projector.row_pointers[i + 1]; ++p) {
      result[block * 9 + static_cast<std::size_t>(group.projector.column_indices[p])] += group.projector.values[p];
    }
    const std::size_t offset =
        4 * 2 * 9 + (g == 0 ? 0 : static_cast<std::size_t>(model.observations[0].num_covariates));
    for (std::size_t c = 0; c < static_cast<std::size_t>(group.num_covariates); ++c) {
      result[offset + c] = group.covariates[i * static_cast<std::size_t>(group.num_covariates) + c];
    }
    return result;
  }
};

/**
 * With C the posterior covariance of the predictors of a fold, T their precisions and r = y - eta: given the rest,
 * y has the covariance M = T^-1 (T^-1 - C)^-1 T^-1 and lies M T r from its mean. No data are removed.
 */
TEST_F(LeaveOutFixture, AgreesWithTheDenseDowndatingFormula) {
  const auto found = leave_groups_out(*prepared, theta, folds);
  const auto dense = testing::dense_answer(model, theta);
  ASSERT_EQ(found.fold_log_density.size(), 8U);
  for (std::int32_t fold = 0; fold < 8; ++fold) {
    std::vector<std::vector<double>> rows;
    std::vector<std::pair<std::size_t, std::size_t>> members;
    for (std::size_t g = 0; g < 2; ++g) {
      for (std::size_t i = 0; i < folds[g].size(); ++i) {
        if (folds[g][i] != fold) continue;
        members.emplace_back(g, i);
        rows.push_back(row(g, i, dense.mean.size()));
      }
    }
    const std::size_t m = members.size();
    DenseMatrix gap(m, m);
    std::vector<double> residual(m);
    std::vector<double> tau(m);
    for (std::size_t a = 0; a < m; ++a) {
      const auto [g, i] = members[a];
      tau[a] = precision(g, i);
      residual[a] = model.observations[g].y[i];
      for (std::size_t k = 0; k < dense.mean.size(); ++k) residual[a] -= rows[a][k] * dense.mean[k];
      for (std::size_t b = 0; b < m; ++b) {
        double covariance = 0.0;
        for (std::size_t k = 0; k < dense.mean.size(); ++k) {
          for (std::size_t l = 0; l < dense.mean.size(); ++l) {
            covariance += rows[a][k] * dense.covariance(k, l) * rows[b][l];
          }
        }
        gap(a, b) = (a == b ? 1.0 / tau[a] : 0.0) - covariance;
      }
    }
    const auto factor = small_cholesky(gap, "gap");
    const auto inverse_factor = small_triangular_inverse(factor);
    const auto inverse = small_product(inverse_factor, true, inverse_factor);
    double log_density = -0.5 * static_cast<double>(m) * std::log(2.0 * std::numbers::pi);
    for (std::size_t a = 0; a < m; ++a) {
      // |M| = 1 / (|T|^2 |gap|); the quadratic form is r' (gap)^-1 r with T^-1 on both sides cancelled.
      log_density += std::log(tau[a]) + std::log(factor(a, a));
      double deviation = 0.0;
      for (std::size_t b = 0; b < m; ++b) {
        log_density -= 0.5 * residual[a] * inverse(a, b) * residual[b];
        deviation += inverse(a, b) * residual[b] / tau[a];
      }
      const double variance = inverse(a, a) / (tau[a] * tau[a]);
      const auto [g, i] = members[a];
      const auto& group = found.groups[g];
      // The dense inverse loses eps cond(Q), about 1e-16 * 1e6, and the gap divides by what is left of it.
      EXPECT_NEAR(group.mean[i], model.observations[g].y[i] - deviation, 1e-7);
      EXPECT_NEAR(group.sd[i] * group.sd[i] + 1.0 / tau[a], variance, 1e-7 * variance);
      const double standardised = deviation / std::sqrt(variance);
      EXPECT_NEAR(group.log_density[i],
                  -0.5 * (std::log(2.0 * std::numbers::pi * variance) + standardised * standardised), 1e-7);
      EXPECT_NEAR(group.pit[i], 0.5 * std::erfc(-standardised / std::numbers::sqrt2), 1e-7);
    }
    EXPECT_NEAR(found.fold_log_density[static_cast<std::size_t>(fold)], log_density, 1e-7);
  }
  for (std::size_t i = 0; i < folds[1].size(); ++i) EXPECT_EQ(std::isnan(found.groups[1].mean[i]), folds[1][i] < 0);
}

TEST_F(LeaveOutFixture, NamesFoldsThatDoNotFit) {
  EXPECT_THROW(static_cast<void>(leave_groups_out(*prepared, theta, std::span(folds).first(1))), InvalidModel);
  auto wrong = folds;
  wrong[0].pop_back();
  EXPECT_THROW(static_cast<void>(leave_groups_out(*prepared, theta, wrong)), InvalidModel);
  wrong = folds;
  wrong[1][0] = -2;
  EXPECT_THROW(static_cast<void>(leave_groups_out(*prepared, theta, wrong)), InvalidModel);
  // A number that is no fold, such as a station's identifier, would ask for as many passes.
  wrong[1][0] = 1'000'000'000;
  EXPECT_THROW(static_cast<void>(leave_groups_out(*prepared, theta, wrong)), InvalidModel);
}

/** Counts: the cavity of the posterior of all data against a posterior without the observation, with a mode of its own.
 */
TEST(LeaveOutCounts, CavitiesAgreeWithLeavingOut) {
  const RandomModelOptions options{.grid = 3, .num_steps = 3, .observations_per_step = 20, .seed = 97};
  auto model = random_model(options);
  auto theta = random_theta(options);
  theta.pop_back();
  model.priors.pop_back();
  for (auto& group : model.observations) {
    group.likelihood = Likelihood::poisson;
    for (auto& y : group.y) y = std::round(std::exp(0.8 * y));
  }
  const auto prepared = prepare_model(model, host_backend());
  const std::vector<double> covariance{1e-4, 0.0, 0.0, 0.0, 1e-4, 0.0, 0.0, 0.0, 1e-4};
  IntegrationOptions at_mode;
  at_mode.strategy = IntegrationStrategy::empirical_bayes;
  const auto cavities = integrate(*prepared, theta, covariance, at_mode).criteria.groups[0];
  std::vector<std::int32_t> singles(model.observations[0].y.size());
  for (std::size_t i = 0; i < singles.size(); ++i) singles[i] = static_cast<std::int32_t>(i);
  const std::vector<std::vector<std::int32_t>> folds{singles};
  const auto found = leave_groups_out(*prepared, theta, folds);
  double difference = 0.0;
  for (std::size_t i = 0; i < singles.size(); ++i) {
    // The two Gaussian approximations are made at modes that one of sixty counts moves apart; a surprising one most.
    EXPECT_NEAR(cavities.log_cpo[i], found.groups[0].log_density[i], 0.15);
    EXPECT_NEAR(cavities.pit[i], found.groups[0].pit[i], 0.02);
    difference += std::abs(cavities.log_cpo[i] - found.groups[0].log_density[i]);
  }
  EXPECT_LT(difference / static_cast<double>(singles.size()), 0.015);
}

}  // namespace
}  // namespace tramontana

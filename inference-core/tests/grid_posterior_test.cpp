// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "grid/index_covariance.hpp"
#include "grid/score_covariance.hpp"
#include "grid/torus_draws.hpp"
#include "grid/value_precisions.hpp"
#include "host/host_backend.hpp"
#include "support/grid_reference.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/grid_posterior.hpp"

namespace tramontana {
namespace {

using namespace small_grid;

/** Place of the cell of a row-major position. */
std::size_t cell_of(std::size_t position) { return position / num_columns + num_rows * (position % num_columns); }

TEST(TorusDraws, HaveTheExpectedCovarianceAtLagsZeroAndOne) {
  const auto grid = prepare_grid(model(), host_backend());
  const std::size_t m = grid->rows().size();
  const IndexCovariance covariance(*grid, theta, false);
  const TorusDraws draws(*grid, theta, 11);
  constexpr int count = 500;
  std::vector<DenseMatrix> sums;
  for (std::size_t q = 0; q < num_cells; ++q) sums.push_back(DenseMatrix::zero(m, m));
  for (int i = 0; i < count; ++i) {
    const auto drawn = draws.draw(static_cast<std::uint64_t>(i));
    for (std::size_t q = 0; q < num_cells; ++q) {
      for (std::size_t r = 0; r < m; ++r) {
        for (std::size_t s = 0; s <= r; ++s) sums[q](r, s) += drawn(r, q) * drawn(s, q) / count;
      }
    }
  }
  DenseMatrix expected(m, m);
  double squares = 0.0;
  double terms = 0.0;
  for (std::size_t q = 0; q < num_cells; ++q) {
    covariance.fill(q, expected.view());
    for (std::size_t r = 0; r < m; ++r) {
      for (std::size_t s = 0; s <= r; ++s) {
        if (lag_between(grid->rows()[r].step, grid->rows()[s].step) > 1) continue;
        const double variance = expected(r, r) * expected(s, s) + expected(r, s) * expected(r, s);
        const double error = (sums[q](r, s) - expected(r, s)) / std::sqrt(variance / count);
        squares += error * error;
        terms += 1.0;
        // Six hundred entries: five standard errors are passed once in a few thousand tests.
        EXPECT_LT(std::abs(error), 5.0) << "index " << q << ", rows " << r << " and " << s;
      }
    }
  }
  // Standardised errors have the mean square one, up to what entries share.
  EXPECT_NEAR(squares / terms, 1.0, 0.25);
}

TEST(TorusDraws, AreTheSameWhateverElseIsDrawn) {
  const auto grid = prepare_grid(model(), host_backend());
  const auto once = TorusDraws(*grid, theta, 3).draw(7);
  const TorusDraws others(*grid, theta, 3);
  (void)others.draw(1);
  const auto again = others.draw(7);
  for (std::size_t i = 0; i < once.rows() * once.columns(); ++i) EXPECT_EQ(once.data()[i], again.data()[i]);
}

TEST(ScoreCovariance, IsTheInformationWhereIndicesAreIndependent) {
  // Noise alone is independent from index to index: J is the information of a variance, n / 2 on the scale of its log.
  auto plain = model();
  const auto names = prepare_grid(plain, host_backend())->layout().names();
  auto at = theta;
  for (std::size_t i = 0; i < at.size(); ++i) {
    if (names[i].find("sigma") != std::string::npos || names[i].find("log_s_") != std::string::npos) at[i] = -12.0;
  }
  const auto grid = prepare_grid(std::move(plain), host_backend());
  const auto found = score_covariance(*grid, at, 400, nullptr);
  for (std::size_t g = 0; g < grid->model().groups.size(); ++g) {
    const std::size_t i = grid->layout().likelihood(g).front();
    const double n = static_cast<double>(grid->model().groups[g].y.size());
    // 400 draws: a variance is known to 7 %; the fixed effects take a few of the n values.
    EXPECT_NEAR(found[i * (at.size() + 1)], 0.5 * n, 0.3 * 0.5 * n) << names[i];
  }
}

TEST(ValuePrecisions, AreThoseOfAllValuesTogether) {
  auto proper = model();
  proper.fixed_effects_prior_precision = 0.5;
  const auto grid = prepare_grid(std::move(proper), host_backend());
  const auto dense = dense_grid(*grid, theta);
  const std::size_t n = dense.y.size();
  const DenseNormal normal(dense.covariance, n);
  const auto pull = normal.solve(dense.y);
  const auto found = value_precisions(*grid, theta, nullptr);
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> unit(n, 0.0);
    unit[i] = 1.0;
    const double precision = normal.solve(unit)[i];
    const std::size_t row = i / num_cells;
    const std::size_t cell = cell_of(i % num_cells);
    EXPECT_NEAR(found.precision(row, cell), precision, 1e-9 * precision);
    EXPECT_NEAR(found.pull(row, cell), pull[i], 1e-9 * (1.0 + std::abs(pull[i])));
  }
}

GridPredictionDesign design_of_cells() {
  GridPredictionDesign design;
  design.process = 1;
  design.time_indices = {0, 1, 3};
  design.rows = {{5.0, 25.0}, 2.0};
  design.columns = {{4.0, 20.0, 44.0}, 1.6};
  for (int i = 0; i < 12; ++i) design.covariates.push_back(i < 6 ? 1.0 : 0.1 * i);
  return design;
}

std::vector<double> covariance_of_theta(double sd) {
  std::vector<double> covariance(theta.size() * theta.size(), 0.0);
  for (std::size_t i = 0; i < theta.size(); ++i) covariance[i * (theta.size() + 1)] = sd * sd;
  return covariance;
}

TEST(GridIntegration, GivesThetaItsNormalDistribution) {
  const auto grid = prepare_grid(model(), host_backend());
  GridIntegrationOptions options;
  const auto result = integrate_grid(*grid, theta, covariance_of_theta(0.1), options);
  EXPECT_EQ(result.strategy, IntegrationStrategy::cubature);
  EXPECT_EQ(result.points.size(), 2 * theta.size());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    double mean = 0.0;
    double variance = 0.0;
    for (const auto& point : result.points) {
      mean += point.weight * point.theta[i];
      variance += point.weight * (point.theta[i] - theta[i]) * (point.theta[i] - theta[i]);
    }
    EXPECT_NEAR(mean, theta[i], 1e-12);
    EXPECT_NEAR(variance, 0.01, 1e-12);
    // The convolution that makes the marginals has a relative error below 1e-4.
    EXPECT_NEAR(result.theta[i].internal.sd, 0.1, 1e-5);
    EXPECT_NEAR(result.theta[i].internal.quantiles[2], theta[i] + 0.1959964, 1e-4);
  }
}

TEST(GridIntegration, OfAThetaThatIsKnownIsThePrediction) {
  const auto grid = prepare_grid(model(), host_backend());
  GridIntegrationOptions options;
  options.predictions = {design_of_cells()};
  const auto known = integrate_grid(*grid, theta, covariance_of_theta(0.0), options);
  EXPECT_EQ(known.strategy, IntegrationStrategy::empirical_bayes);
  const auto moments = predict_grid(*grid, theta, options.predictions[0]);
  for (std::size_t i = 0; i < moments.mean.size(); ++i) {
    EXPECT_DOUBLE_EQ(known.predictions[0].mean[i], moments.mean[i]);
    EXPECT_DOUBLE_EQ(known.predictions[0].sd[i], std::sqrt(moments.variance[i]));
  }
  // Points that are one and the same are no mixture.
  const std::vector<SamplingPoint> twice{{theta, 2.0}, {theta, 1.0}};
  const auto mapped = map_grid(*grid, twice, options.predictions, {});
  for (std::size_t i = 0; i < moments.mean.size(); ++i) EXPECT_NEAR(mapped[0].mean[i], moments.mean[i], 1e-12);
}

/** Moments of a mixture of maps. */
PredictionMoments mixture_of(const std::vector<PredictionMoments>& maps) {
  PredictionMoments result;
  const double count = static_cast<double>(maps.size());
  for (std::size_t i = 0; i < maps[0].mean.size(); ++i) {
    double mean = 0.0;
    double square = 0.0;
    for (const auto& map : maps) {
      mean += map.mean[i] / count;
      square += (map.variance[i] + map.mean[i] * map.mean[i]) / count;
    }
    result.mean.push_back(mean);
    result.variance.push_back(square - mean * mean);
  }
  return result;
}

TEST(GridIntegration, MapsAreTheMixtureOfThePoints) {
  const auto grid = prepare_grid(model(), host_backend());
  GridIntegrationOptions options;
  options.predictions = {design_of_cells()};
  const auto wide = integrate_grid(*grid, theta, covariance_of_theta(0.1), options);
  std::vector<PredictionMoments> maps;
  std::vector<SamplingPoint> points;
  for (const auto& point : wide.points) {
    maps.push_back(predict_grid(*grid, point.theta, options.predictions[0]));
    points.push_back({point.theta, point.weight});
  }
  const auto whole = mixture_of(maps);
  const auto cheap = map_grid(*grid, points, options.predictions, {});
  for (std::size_t i = 0; i < whole.mean.size(); ++i) {
    EXPECT_NEAR(wide.predictions[0].mean[i], whole.mean[i], 1e-10);
    EXPECT_NEAR(wide.predictions[0].sd[i], std::sqrt(whole.variance[i]), 1e-8);
    EXPECT_NEAR(cheap[0].mean[i], whole.mean[i], 1e-10);
    // Step 1 has no data of the process: there the variances of all points count. Elsewhere one stands for all.
    const bool has_data = i / 6 != 1;
    EXPECT_NEAR(cheap[0].sd[i] / std::sqrt(whole.variance[i]), 1.0, has_data ? 0.05 : 1e-8) << i;
  }
}

TEST(GridIntegration, CriteriaAreThoseOfValuesLeftOut) {
  auto proper = model();
  proper.fixed_effects_prior_precision = 0.5;
  const auto grid = prepare_grid(proper, host_backend());
  const auto result = integrate_grid(*grid, theta, covariance_of_theta(0.0), {});
  const auto dense = dense_grid(*grid, theta);
  const std::size_t n = dense.y.size();
  // The third day of the second process' first group, cell (2, 3): condition it on the rest, by brute force.
  const std::size_t in_group = 1 * num_cells + 2 * num_columns + 3;
  std::size_t left = 0;
  for (std::size_t r = 0; r < grid->rows().size(); ++r) {
    if (grid->rows()[r].group == 1 && grid->rows()[r].step == 2) left = r * num_cells + 2 * num_columns + 3;
  }
  std::vector<double> rest;
  std::vector<double> cross;
  std::vector<double> y;
  for (std::size_t i = 0; i < n; ++i) {
    if (i == left) continue;
    y.push_back(dense.y[i]);
    cross.push_back(dense.covariance[left * n + i]);
    for (std::size_t j = 0; j < n; ++j) {
      if (j != left) rest.push_back(dense.covariance[i * n + j]);
    }
  }
  const DenseNormal normal(rest, n - 1);
  const auto weights = normal.solve(cross);
  double mean = 0.0;
  double variance = dense.covariance[left * n + left];
  for (std::size_t i = 0; i < n - 1; ++i) {
    mean += weights[i] * y[i];
    variance -= weights[i] * cross[i];
  }
  const double deviation = dense.y[left] - mean;
  const double log_density = -0.5 * (std::log(2.0 * std::numbers::pi * variance) + deviation * deviation / variance);
  EXPECT_NEAR(result.criteria.groups[1].log_cpo[in_group], log_density, 1e-8);
  EXPECT_NEAR(result.criteria.groups[1].pit[in_group], 0.5 * std::erfc(-deviation / std::sqrt(2.0 * variance)), 1e-8);
}

TEST(GridLeaveOut, IsConditioningOnTheRest) {
  auto proper = model();
  proper.fixed_effects_prior_precision = 0.5;
  const auto grid = prepare_grid(proper, host_backend());
  // Fold 0: a cell on all steps and processes; 1: a block of the first process; 2: a step of the second; others stay.
  std::vector<std::vector<std::int32_t>> folds;
  for (const auto& group : proper.groups) {
    auto& of = folds.emplace_back(group.y.size(), -1);
    for (std::size_t i = 0; i < of.size(); ++i) {
      const std::size_t cell = i % num_cells;
      if (cell == 14) of[i] = 0;
      if (group.process == 0 && (cell == 2 || cell == 3 || cell == 8 || cell == 9)) of[i] = 1;
      if (&group == &proper.groups[1] && group.time_index[i / num_cells] == 2 && cell != 14) of[i] = 2;
    }
  }
  const auto found = leave_grid_groups_out(*grid, theta, folds);
  const auto dense = dense_grid(*grid, theta);
  const std::size_t n = dense.y.size();
  const auto fold_of = [&](std::size_t i) {
    const auto& row = grid->rows()[i / num_cells];
    const auto& steps = proper.groups[row.group].time_index;
    std::size_t position = 0;
    while (static_cast<std::size_t>(steps[position]) != row.step) ++position;
    const std::size_t place = position * num_cells + i % num_cells;
    return std::pair{folds[row.group][place], std::pair{row.group, place}};
  };
  double score = 0.0;
  double count = 0.0;
  for (std::int32_t fold = 0; fold < 3; ++fold) {
    std::vector<std::size_t> out;
    std::vector<std::size_t> in;
    std::vector<double> y;
    for (std::size_t i = 0; i < n; ++i) {
      if (fold_of(i).first == fold) {
        out.push_back(i);
      } else {
        in.push_back(i);
        y.push_back(dense.y[i]);
      }
    }
    std::vector<double> rest;
    for (const auto i : in) {
      for (const auto j : in) rest.push_back(dense.covariance[i * n + j]);
    }
    const DenseNormal normal(rest, in.size());
    const auto weights = normal.solve(y);
    std::vector<double> left;
    std::vector<double> deviations;
    for (const auto i : out) {
      std::vector<double> cross;
      for (const auto j : in) cross.push_back(dense.covariance[i * n + j]);
      const auto solved = normal.solve(cross);
      double mean = 0.0;
      for (std::size_t k = 0; k < in.size(); ++k) mean += cross[k] * weights[k];
      deviations.push_back(dense.y[i] - mean);
      for (const auto j : out) {
        double covariance = dense.covariance[i * n + j];
        for (std::size_t k = 0; k < in.size(); ++k) covariance -= solved[k] * dense.covariance[in[k] * n + j];
        left.push_back(covariance);
      }
      const auto [group, place] = fold_of(i).second;
      EXPECT_NEAR(found.groups[group].mean[place], mean, 1e-8 * (1.0 + std::abs(mean)));
      score -= found.groups[group].log_density[place];
      count += 1.0;
    }
    EXPECT_NEAR(found.fold_log_density[static_cast<std::size_t>(fold)],
                DenseNormal(left, out.size()).log_density(deviations), 1e-7);
  }
  EXPECT_NEAR(found.log_score, score / count, 1e-12);
  EXPECT_TRUE(std::isnan(found.groups[0].mean[0]));
  folds[0][0] = -2;
  EXPECT_THROW((void)leave_grid_groups_out(*grid, theta, folds), InvalidModel);
}

TEST(GridIntegration, TakesTheModeWhereTheBudgetIsShort) {
  const auto grid = prepare_grid(model(), host_backend());
  GridIntegrationOptions options;
  options.most_evaluations = 2.0;
  const auto result = integrate_grid(*grid, theta, covariance_of_theta(0.1), options);
  EXPECT_EQ(result.strategy, IntegrationStrategy::empirical_bayes);
  EXPECT_GT(result.expected_evaluations.central_composite, 2.0);
  EXPECT_NEAR(result.theta[0].internal.sd, 0.1, 1e-5);
}

TEST(GridIntegration, RefusesByName) {
  const auto grid = prepare_grid(model(), host_backend());
  const std::vector<SamplingPoint> weightless{{theta, 0.0}};
  EXPECT_THROW((void)map_grid(*grid, weightless, {}, {}), InvalidModel);
  GridIntegrationOptions options;
  options.most_evaluations = -1.0;
  EXPECT_THROW((void)integrate_grid(*grid, theta, covariance_of_theta(0.1), options), InvalidModel);
  EXPECT_THROW((void)integrate_grid(*grid, std::vector<double>{1.0}, covariance_of_theta(0.1), {}), InvalidModel);
}

}  // namespace
}  // namespace tramontana

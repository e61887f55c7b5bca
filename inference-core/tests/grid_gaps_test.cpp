// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "grid/gap_filling.hpp"
#include "grid/mode_covariance.hpp"
#include "host/host_backend.hpp"
#include "support/dense_grid_posterior.hpp"
#include "support/grid_reference.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/grid_posterior.hpp"

namespace tramontana {
namespace {

using namespace small_grid;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/** Cells missing here and there, a block on one day, and one cell on every day of the second process. */
GridModel model_with_gaps() {
  auto model = small_grid::model();
  model.fixed_effects_prior_precision = 0.5;
  auto& first = model.groups[0].y;
  for (const std::size_t i : {3, 17, 29, 30 + 4, 60 + 7, 60 + 8, 60 + 13, 60 + 14}) first[i] = missing;
  for (std::size_t step = 0; step < 3; ++step) model.groups[1].y[step * num_cells + 11] = missing;
  return model;
}

GridPredictionDesign design() {
  GridPredictionDesign result;
  result.process = 1;
  result.time_indices = {1, 3};
  result.rows = {{14.0, 33.0}, 2.0};
  result.columns = {{0.8, 20.0, 44.0}, 1.6};
  result.covariates = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.3, -0.2, 0.5, 1.1, 0.0, -0.7};
  return result;
}

TEST(GapFilling, IsTheConditionalMeanOfTheDenseDistribution) {
  const auto model = model_with_gaps();
  const GapFilling gaps(model, host_backend());
  const auto filled = gaps.fill(theta, GapCovariance::expected, 1, 0, 1, nullptr)[0];
  const auto dense = dense_grid(*gaps.start(), theta);
  const std::size_t n = dense.y.size();
  std::vector<std::size_t> seen;
  std::vector<std::size_t> lost;
  std::vector<double> y;
  const auto value_of = [&](std::size_t i, const GridModel& of) {
    const auto& row = gaps.start()->rows()[i / num_cells];
    const auto& group = of.groups[row.group];
    std::size_t position = 0;
    while (static_cast<std::size_t>(group.time_index[position]) != row.step) ++position;
    return group.y[position * num_cells + i % num_cells];
  };
  for (std::size_t i = 0; i < n; ++i) {
    const double value = value_of(i, model);
    if (std::isnan(value)) {
      lost.push_back(i);
    } else {
      seen.push_back(i);
      y.push_back(value);
    }
  }
  ASSERT_EQ(lost.size(), gaps.missing().size());
  std::vector<double> covariance;
  for (const auto i : seen) {
    for (const auto j : seen) covariance.push_back(dense.covariance[i * n + j]);
  }
  const auto weights = DenseNormal(covariance, seen.size()).solve(y);
  for (const auto i : lost) {
    double mean = 0.0;
    for (std::size_t k = 0; k < seen.size(); ++k) mean += dense.covariance[i * n + seen[k]] * weights[k];
    EXPECT_NEAR(value_of(i, filled), mean, 1e-8 * (1.0 + std::abs(mean)));
  }
}

TEST(GapFilling, DoesNotDependOnWhatStandsAtTheGaps) {
  // Where a step lacks values its mean is put there first; the same mean from other values is another start.
  const auto model = model_with_gaps();
  const GapFilling gaps(model, host_backend());
  const auto filled = gaps.fill(theta, GapCovariance::modes, 5, 0, 1, nullptr)[0];
  const auto grid = prepare_grid(filled, host_backend());
  const ModeCovariance covariance(*grid, theta, 5);
  const ValuePrecisionOperator precision(
      *grid, theta, [&](std::size_t index, MatrixView out) { covariance.fill(covariance.modes_at(index), out); },
      nullptr);
  DenseMatrix values(num_cells, grid->rows().size());
  for (std::size_t r = 0; r < grid->rows().size(); ++r) {
    const auto& group = filled.groups[grid->rows()[r].group];
    std::size_t position = 0;
    while (static_cast<std::size_t>(group.time_index[position]) != grid->rows()[r].step) ++position;
    for (std::size_t i = 0; i < num_cells; ++i) {
      values(i / num_columns + num_rows * (i % num_columns), r) = group.y[position * num_cells + i];
    }
  }
  // At the conditional mean nothing pulls at a gap.
  const auto pull = precision.apply(values);
  for (const auto& gap : gaps.missing()) EXPECT_NEAR(pull(gap.cell, gap.row), 0.0, 1e-8);
}

TEST(GridWithGaps, MapsAreTheDensePosteriorOfTheValuesThatAreThere) {
  const auto model = model_with_gaps();
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  const std::vector<GridPredictionDesign> designs{design()};
  const auto maps = map_grid(model, host_backend(), points, designs, {});
  const auto start = GapFilling(model, host_backend()).start();
  const DenseGridPosterior dense(model, *start, theta, 5);
  const double beyond = ModeCovariance(*start, theta, 5).variance_beyond(1, 2.0, 1.6);
  const auto complete = predict_grid(*start, theta, designs[0]);
  for (std::size_t i = 0; i < 12; ++i) {
    const std::size_t cell = i % 6;
    const auto target =
        dense.place(1, i < 6 ? 1 : 3, designs[0].rows.centres[cell / 3], 2.0, designs[0].columns.centres[cell % 3], 1.6,
                    {designs[0].covariates[cell], designs[0].covariates[6 + cell]});
    const auto [mean, variance] = dense.at(target);
    EXPECT_NEAR(maps[0].mean[i], mean, 1e-8 * (1.0 + std::abs(mean))) << i;
    // What the gaps add to the variance of complete data is known from 64 draws: four of its standard errors.
    const double of_gaps = variance + beyond - complete.variance[i];
    EXPECT_GE(of_gaps, -1e-9);
    EXPECT_NEAR(maps[0].sd[i] * maps[0].sd[i], variance + beyond, 4.0 * std::sqrt(2.0 / 64.0) * of_gaps + 1e-9) << i;
  }
}

TEST(GridWithGaps, WithoutGapsIsTheGrid) {
  const auto model = small_grid::model();
  const auto grid = prepare_grid(model, host_backend());
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  const std::vector<GridPredictionDesign> designs{design()};
  const auto with = map_grid(model, host_backend(), points, designs, {});
  const auto without = map_grid(*grid, points, designs, {});
  EXPECT_EQ(with[0].mean, without[0].mean);
  EXPECT_EQ(with[0].sd, without[0].sd);
}

TEST(GridWithGaps, CriteriaAreThoseOfTheValuesThatAreThere) {
  const auto model = model_with_gaps();
  std::vector<double> covariance_of_theta(theta.size() * theta.size(), 0.0);
  const auto result = integrate_grid(model, host_backend(), theta, covariance_of_theta, {});
  const GapFilling gaps(model, host_backend());
  const auto dense = dense_grid(*gaps.start(), theta);
  const std::size_t n = dense.y.size();
  std::vector<std::size_t> seen;
  std::vector<double> y;
  for (std::size_t i = 0; i < n; ++i) {
    const auto is_lost = [&](const MissingValue& gap) {
      return gap.row == i / num_cells &&
             gap.cell == (i % num_cells) / num_columns + num_rows * ((i % num_cells) % num_columns);
    };
    if (std::any_of(gaps.missing().begin(), gaps.missing().end(), is_lost)) continue;
    seen.push_back(i);
    y.push_back(dense.y[i]);
  }
  std::vector<double> covariance;
  for (const auto i : seen) {
    for (const auto j : seen) covariance.push_back(dense.covariance[i * n + j]);
  }
  const DenseNormal normal(covariance, seen.size());
  const auto pull = normal.solve(y);
  double log_cpo = 0.0;
  for (std::size_t k = 0; k < seen.size(); ++k) {
    std::vector<double> unit(seen.size(), 0.0);
    unit[k] = 1.0;
    const double precision = normal.solve(unit)[k];
    log_cpo += 0.5 * std::log(precision / (2.0 * std::numbers::pi)) - 0.5 * pull[k] * pull[k] / precision;
  }
  // theta is known: log p(y) is log p(y | theta) + log p(theta), of the values that are there.
  const auto at_start = evaluate_grid(*gaps.start(), theta, false);
  const double log_prior = at_start.log_posterior - at_start.log_marginal_likelihood;
  EXPECT_NEAR(result.log_marginal_likelihood, normal.log_density(y) + log_prior, 1e-6);
  // Beside gaps precisions are known from draws; their mean over all values is close.
  EXPECT_NEAR(result.criteria.log_score, -log_cpo / static_cast<double>(seen.size()), 0.01);
  EXPECT_TRUE(std::isnan(result.criteria.groups[0].log_cpo[3]));
  EXPECT_FALSE(std::isnan(result.criteria.groups[0].log_cpo[4]));
}

TEST(GridWithGaps, FitsAsTheWholeDataDo) {
  auto whole = small_grid::model();
  FitOptions options;
  options.initial_theta = theta;
  const auto silent = [](const OptimizerState&) {};
  const auto complete = fit_grid(whole, host_backend(), options, nullptr, silent);
  for (const std::size_t i : {5, 40, 71, 100}) whole.groups[0].y[i] = missing;
  const auto with_gaps = fit_grid(whole, host_backend(), options, nullptr, silent);
  ASSERT_TRUE(with_gaps.state.converged);
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const double sd = std::sqrt(complete.theta_covariance[i * (theta.size() + 1)]);
    // Four of 240 values, filled by one draw, move theta by sqrt(2 * 4 / 240) = .18 of its standard deviation; by three
    // times that at most.
    EXPECT_NEAR(with_gaps.state.theta[i], complete.state.theta[i], 0.55 * sd + 1e-6) << i;
  }
}

TEST(GridWithGaps, DrawsJointly) {
  const auto model = model_with_gaps();
  GridSampleRequest request;
  request.designs = {design()};
  request.areas = {{0, {0, 1}, {0}, {1.0}}};
  request.num_samples = 1600;
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  const auto found = summarise_samples(model, host_backend(), points, request);
  const auto maps = map_grid(model, host_backend(), points, request.designs, {});
  double mean = 0.0;
  for (std::size_t s = 0; s < 1600; ++s) mean += found.areas[0][2 * s] / 1600.0;
  // Fifty draws share the fill of a gap, whose part of the variance is a fifth: 1600 count for 150.
  EXPECT_NEAR(mean, maps[0].mean[0], 4.5 * maps[0].sd[0] / std::sqrt(150.0));
}

TEST(GridWithGaps, RefusesWhatIsForAMesh) {
  auto mostly_missing = small_grid::model();
  for (std::size_t i = 0; i < num_cells; ++i) {
    if (i % 3 != 0) {
      for (std::size_t t = 0; t < 4; ++t) mostly_missing.groups[0].y[t * num_cells + i] = missing;
    }
  }
  EXPECT_THROW(GapFilling(mostly_missing, host_backend()), InvalidModel);
  auto lost_step = small_grid::model();
  for (std::size_t i = 0; i < num_cells; ++i) lost_step.groups[0].y[num_cells + i] = missing;
  EXPECT_THROW(GapFilling(lost_step, host_backend()), InvalidModel);
  auto infinite = small_grid::model();
  infinite.groups[0].y[7] = std::numeric_limits<double>::infinity();
  EXPECT_THROW(GapFilling(infinite, host_backend()), InvalidModel);
}

}  // namespace
}  // namespace tramontana

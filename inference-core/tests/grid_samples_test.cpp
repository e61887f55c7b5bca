// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "host/host_backend.hpp"
#include "support/grid_reference.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/grid_posterior.hpp"

namespace tramontana {
namespace {

using namespace small_grid;

GridPredictionDesign design_of_cells() {
  GridPredictionDesign design;
  design.process = 1;
  design.time_indices = {0, 1, 3};
  design.rows = {{5.0, 25.0}, 2.0};
  design.columns = {{4.0, 20.0, 44.0}, 1.6};
  for (int i = 0; i < 12; ++i) design.covariates.push_back(i < 6 ? 1.0 : 0.1 * i);
  return design;
}

TEST(GridSamples, HaveTheMomentsOfThePredictions) {
  const auto grid = prepare_grid(model(), host_backend());
  const std::vector<GridPredictionDesign> designs{design_of_cells()};
  const auto moments = predict_grid(*grid, theta, designs[0]);
  const std::size_t size = moments.mean.size();
  constexpr std::size_t count = 2000;
  std::vector<double> sums(size, 0.0);
  std::vector<double> squares(size, 0.0);
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  sample_grid(*grid, points, designs, count, 5, [&](std::size_t, std::size_t, std::span<const double> map) {
    for (std::size_t i = 0; i < size; ++i) {
      sums[i] += (map[i] - moments.mean[i]) / count;
      squares[i] += (map[i] - moments.mean[i]) * (map[i] - moments.mean[i]) / count;
    }
  });
  for (std::size_t i = 0; i < size; ++i) {
    const double sd = std::sqrt(moments.variance[i]);
    // Eighteen entries: four and a half standard errors are passed once in thousands of tests.
    EXPECT_LT(std::abs(sums[i]), 4.5 * sd / std::sqrt(count)) << i;
    EXPECT_NEAR(squares[i], moments.variance[i], 4.5 * moments.variance[i] * std::sqrt(2.0 / count)) << i;
  }
}

TEST(GridSamples, HaveTheCovarianceOfTwoPlacesAndDays) {
  // Of the difference of two predictors: a third design, that the moments know nothing of, would need their covariance.
  // A rectangle of twice the width is the mean of its halves, so that its variance holds the covariance of the halves.
  const auto grid = prepare_grid(model(), host_backend());
  auto halves = design_of_cells();
  halves.rows = {{15.0}, 2.0};
  halves.columns = {{19.2, 20.8}, 1.6};
  halves.covariates = {1.0, 1.0, 0.3, 0.3};
  halves.modes_per_cell = 15;
  auto whole = halves;
  whole.columns = {{20.0}, 3.2};
  whole.covariates = {1.0, 0.3};
  const auto moments = predict_grid(*grid, theta, whole);
  constexpr std::size_t count = 1000;
  std::vector<double> squares(3, 0.0);
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  const std::vector<GridPredictionDesign> designs{halves};
  sample_grid(*grid, points, designs, count, 9, [&](std::size_t, std::size_t, std::span<const double> map) {
    for (std::size_t t = 0; t < 3; ++t) {
      const double error = 0.5 * (map[2 * t] + map[2 * t + 1]) - moments.mean[t];
      squares[t] += error * error / count;
    }
  });
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_NEAR(squares[t], moments.variance[t], 4.5 * moments.variance[t] * std::sqrt(2.0 / count)) << t;
  }
}

TEST(GridSamples, DoNotDependOnHowManyAreDrawn) {
  const auto grid = prepare_grid(model(), host_backend());
  const std::vector<GridPredictionDesign> designs{design_of_cells()};
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  const auto drawn = [&](std::size_t count) {
    std::vector<double> values;
    sample_grid(*grid, points, designs, count, 5, [&](std::size_t sample, std::size_t, std::span<const double> map) {
      if (sample < 3) values.insert(values.end(), map.begin(), map.end());
    });
    return values;
  };
  const auto few = drawn(3);
  const auto many = drawn(21);
  ASSERT_EQ(few.size(), many.size());
  // Products of other numbers of columns round differently.
  for (std::size_t i = 0; i < few.size(); ++i) EXPECT_NEAR(few[i], many[i], 1e-9);
}

TEST(GridSampleSummary, OfOneDayIsTheProbabilityOfExceedance) {
  const auto grid = prepare_grid(model(), host_backend());
  GridSampleRequest request;
  request.designs = {design_of_cells()};
  request.step_error_sds = {{0.0, 0.0, 0.7}};
  request.runs = {{0, 2.0, 1}, {0, 2.0, 2}};
  // Two areas: a cell by itself, and the first row of cells with other shares.
  request.areas = {{0, {0, 1, 4}, {4, 0, 1, 2}, {1.0, 0.5, 0.25, 0.25}}};
  request.num_samples = 2000;
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  const auto found = summarise_samples(*grid, points, request);
  const auto moments = predict_grid(*grid, theta, request.designs[0]);
  ASSERT_EQ(found.runs[0].size(), moments.mean.size());
  ASSERT_EQ(found.runs[1].size(), 2 * 6);
  for (std::size_t i = 0; i < moments.mean.size(); ++i) {
    const double error = i / 6 == 2 ? 0.7 : 0.0;
    const double sd = std::sqrt(moments.variance[i] + error * error);
    const double probability = 0.5 * std::erfc((2.0 - moments.mean[i]) / (sd * std::numbers::sqrt2));
    // Four and a half standard errors of a share, and one of 2000 for shares near none and all.
    EXPECT_NEAR(found.runs[0][i], probability, 4.5 * std::sqrt(probability * (1.0 - probability) / 2000.0) + 1e-3);
  }
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_LE(found.runs[1][i], std::min(found.runs[0][i], found.runs[0][i + 6]) + 1e-12);
  }
  double mean = 0.0;
  for (std::size_t s = 0; s < 2000; ++s) mean += found.areas[0][(s * 3 + 1) * 2] / 2000.0;
  EXPECT_NEAR(mean, moments.mean[6 + 4], 4.5 * std::sqrt(moments.variance[6 + 4] / 2000.0));
}

TEST(GridSampleSummary, RefusesByName) {
  const auto grid = prepare_grid(model(), host_backend());
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  const auto refused = [&](const std::function<void(GridSampleRequest&)>& spoil) {
    GridSampleRequest request;
    request.designs = {design_of_cells()};
    spoil(request);
    EXPECT_THROW((void)summarise_samples(*grid, points, request), InvalidModel);
  };
  refused([](auto& request) { request.runs = {{1, 2.0, 1}}; });
  refused([](auto& request) { request.runs = {{0, 2.0, 4}}; });
  refused([](auto& request) { request.runs = {{0, 2.0, 0}}; });
  refused([](auto& request) { request.areas = {{0, {0, 1}, {6}, {1.0}}}; });
  refused([](auto& request) { request.areas = {{0, {0, 2}, {1}, {1.0}}}; });
  refused([](auto& request) { request.step_error_sds = {{0.1}}; });
  refused([](auto& request) { request.num_samples = 0; });
}

}  // namespace
}  // namespace tramontana

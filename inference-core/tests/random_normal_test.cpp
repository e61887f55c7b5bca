// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "kernels/random_normal.hpp"

namespace tramontana {
namespace {

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

TEST(NormalLayers, HaveOneAreaUpToTheTop) {
  const auto& layers = NormalLayers::instance();
  const double area = layers.edge[0] * layers.height[1];
  for (std::size_t i = 1; i < NormalLayers::num_layers; ++i) {
    // The heights near the top differ in their last digits: 1e-12 of an area of 5e-3.
    EXPECT_NEAR(layers.edge[i] * (layers.height[i + 1] - layers.height[i]), area, 1e-12) << i;
  }
  // Half the normal law, and what the rectangles hold beyond it.
  EXPECT_GT(area * NormalLayers::num_layers, std::sqrt(0.5 * std::numbers::pi));
  EXPECT_LT(area * NormalLayers::num_layers, 1.01 * std::sqrt(0.5 * std::numbers::pi));
}

TEST(RandomNormal, FollowsTheNormalLawInEveryBin) {
  constexpr double width = 0.025;
  constexpr int reach = 200;  // bins to each side, up to five standard deviations
  constexpr std::size_t draws = 8000000;
  std::vector<double> counts(2 * reach + 2, 0.0);
  auto normal = RandomNormal::stream(17, 3);
  for (std::size_t i = 0; i < draws; ++i) {
    const double bin = std::floor(normal() / width);
    counts[static_cast<std::size_t>(std::clamp(bin, -reach - 1.0, 1.0 * reach) + reach + 1)] += 1.0;
  }
  double chi_square = 0.0;
  double rare = 0.0;
  double expected_rare = 0.0;
  int bins = 0;
  for (int b = -reach - 1; b <= reach; ++b) {
    const double above = b == reach ? 1.0 : normal_cdf((b + 1) * width);
    const double below = b == -reach - 1 ? 0.0 : normal_cdf(b * width);
    const double expected = static_cast<double>(draws) * (above - below);
    const double count = counts[static_cast<std::size_t>(b + reach + 1)];
    if (expected < 20.0) {
      rare += count;
      expected_rare += expected;
      continue;
    }
    chi_square += (count - expected) * (count - expected) / expected;
    ++bins;
  }
  // Five standard deviations of chi-square and of a Poisson count.
  EXPECT_NEAR(chi_square, bins, 5.0 * std::sqrt(2.0 * bins));
  EXPECT_NEAR(rare, expected_rare, 5.0 * std::sqrt(expected_rare));
}

TEST(RandomNormal, FollowsTheTailBeyondTheLayers) {
  constexpr std::size_t draws = 20000000;
  double beyond = 0.0;
  double excess = 0.0;
  RandomNormal normal(5);
  for (std::size_t i = 0; i < draws; ++i) {
    const double value = std::abs(normal());
    if (value <= NormalLayers::tail) continue;
    beyond += 1.0;
    excess += value - NormalLayers::tail;
  }
  const double t = NormalLayers::tail;
  const double share = std::erfc(t / std::numbers::sqrt2);
  const double mean_excess = std::sqrt(2.0 / std::numbers::pi) * std::exp(-0.5 * t * t) / share - t;
  EXPECT_NEAR(beyond, share * draws, 5.0 * std::sqrt(share * draws));
  // The excess is nearly exponential: its standard deviation is its mean, at most.
  EXPECT_NEAR(excess / beyond, mean_excess, 5.0 * mean_excess / std::sqrt(beyond));
}

TEST(RandomNormal, StreamsAndNeighboursAreIndependent) {
  constexpr std::size_t draws = 1000000;
  auto one = RandomNormal::stream(9, 0);
  auto other = RandomNormal::stream(9, 1);
  double before = one();
  double with_before = 0.0;
  double with_other = 0.0;
  double squares = 0.0;
  for (std::size_t i = 0; i < draws; ++i) {
    const double value = one();
    const double beside = other();
    with_before += value * before;
    with_other += value * beside;
    squares += (value * value - 1.0) * (before * before - 1.0);
    before = value;
  }
  const double sd = std::sqrt(static_cast<double>(draws));
  EXPECT_NEAR(with_before, 0.0, 5.0 * sd);
  EXPECT_NEAR(with_other, 0.0, 5.0 * sd);
  EXPECT_NEAR(squares, 0.0, 5.0 * 2.0 * sd);
}

}  // namespace
}  // namespace tramontana

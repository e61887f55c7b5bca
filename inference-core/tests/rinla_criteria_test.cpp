// SPDX-License-Identifier: Apache-2.0
#include "inference/criteria/rinla_criteria.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "inference/criteria/criteria.hpp"

namespace tramontana {
namespace {

double normal_log_density(double y, double precision, double eta) {
  return 0.5 * (std::log(precision / (2.0 * std::numbers::pi)) - precision * (y - eta) * (y - eta));
}

RinlaTerms terms_of(double y, double precision, double mean, double variance) {
  return rinla_terms([&](double eta) { return normal_log_density(y, precision, eta); }, mean, variance);
}

TEST(RinlaCriteria, EqualTheExactOnesWithoutOutliers) {
  // Two noise standard deviations between the nodes' ends and y: no density is small enough to be dropped.
  const double precision = 4.0;
  const double variance = 0.05;
  const auto exact = gaussian_terms(1.2, precision, 1.0, variance);
  const auto found = terms_of(1.2, precision, 1.0, variance);
  // The nodes integrate polynomials up to degree 29 exactly, rounding aside.
  EXPECT_NEAR(found.log_density, exact.expected_log_density, 1e-12);
  EXPECT_NEAR(found.squared_log_density, exact.expected_squared_log_density, 1e-12);
  // e^(-2 eta^2) on 15 nodes with this narrow a posterior.
  EXPECT_NEAR(found.density, std::exp(exact.log_expected_density), 1e-10);
}

TEST(RinlaCriteria, DropSmallDensitiesOfAnOutlierAndKeepTheDensityAboveEpsilon) {
  // y lies 14 noise standard deviations off, as one station of Piemonte on one day.
  const double precision = 31.4;
  const double y = -14.0 / std::sqrt(precision);
  const double variance = 0.3 / precision;
  const auto exact = gaussian_terms(y, precision, 0.0, variance);
  const auto found = terms_of(y, precision, 0.0, variance);
  EXPECT_LT(exact.expected_log_density, -90.0);
  // All but the nodes nearest to y are dropped, and those have next to no weight.
  EXPECT_GT(found.log_density, -1.0);
  EXPECT_EQ(found.density, std::numeric_limits<double>::epsilon());
}

TEST(RinlaCriteria, AreTheirDefinitionsOfTheSums) {
  RinlaCriteriaSum sum(1);
  sum.add(0, 1.0, {-1.0, 2.0, 0.5});
  sum.add(0, 3.0, {-2.0, 5.0, 0.1});
  RinlaCriteria criteria;
  const double at_mean = -0.5;
  sum.finish(4.0, std::span(&at_mean, 1), criteria);
  // E log p = -1.75, E (log p)^2 = 4.25, E p = 0.2.
  EXPECT_NEAR(criteria.dic_effective_parameters, 2.0 * (-0.5 + 1.75), 1e-14);
  EXPECT_NEAR(criteria.dic, 3.5 + 2.5, 1e-14);
  EXPECT_NEAR(criteria.waic_effective_parameters, 4.25 - 1.75 * 1.75, 1e-14);
  EXPECT_NEAR(criteria.waic, -2.0 * (std::log(0.2) - (4.25 - 1.75 * 1.75)), 1e-14);
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tramontana/errors.hpp"
#include "tramontana/response.hpp"

namespace tramontana {
namespace {

double response(InverseLink link, double eta) {
  switch (link) {
    case InverseLink::exp:
      return std::exp(eta);
    case InverseLink::square:
      return eta * eta;
    case InverseLink::logistic:
      return 1.0 / (1.0 + std::exp(-eta));
    case InverseLink::identity:
      break;
  }
  return eta;
}

const InverseLink links[] = {InverseLink::identity, InverseLink::exp, InverseLink::square, InverseLink::logistic};

TEST(ResponseSummary, AgreesWithIntegrationOverThePredictor) {
  const double probabilities[] = {0.025, 0.5, 0.975};
  for (const auto link : links) {
    for (const double mean : {-1.2, 0.1, 2.0}) {
      for (const double sd : {0.2, 1.5}) {
        const double variance = sd * sd;
        const auto found = summarise_response(link, {&mean, 1}, {&variance, 1}, probabilities);
        double first = 0.0;
        double second = 0.0;
        double below[3] = {};
        constexpr double step = 1e-4;
        for (double z = -12.0; z <= 12.0; z += step) {
          const double mass = step * std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
          const double value = response(link, mean + sd * z);
          first += mass * value;
          second += mass * value * value;
          for (int i = 0; i < 3; ++i) below[i] += value <= found.quantiles[static_cast<std::size_t>(i)] ? mass : 0.0;
        }
        EXPECT_NEAR(found.mean[0] / first, 1.0, 1e-9);
        EXPECT_NEAR(found.sd[0] / std::sqrt(second - first * first), 1.0, 1e-7);  // a difference of two moments
        // The indicator jumps within one step: the mass of a step is at most 4e-5.
        for (int i = 0; i < 3; ++i) EXPECT_NEAR(below[i], probabilities[i], 1e-4);
      }
    }
  }
}

TEST(ResponseSummary, OfACertainPredictorIsTheResponse) {
  const double mean = 0.7;
  const double variance = 0.0;
  const double median = 0.5;
  for (const auto link : links) {
    const auto found = summarise_response(link, {&mean, 1}, {&variance, 1}, {&median, 1});
    EXPECT_DOUBLE_EQ(found.mean[0], response(link, mean));
    EXPECT_EQ(found.sd[0], 0.0);
    EXPECT_DOUBLE_EQ(found.quantiles[0], response(link, mean));
  }
}

TEST(NormalQuantile, InvertsTheDistributionFunction) {
  for (const double p : {1e-300, 1e-20, 1e-5, 0.025, 0.3, 0.5, 0.84, 0.975, 1.0 - 1e-9}) {
    const double z = normal_quantile(p);
    const double back = 0.5 * std::erfc(-z / std::numbers::sqrt2);
    EXPECT_NEAR(back / p, 1.0, 1e-12) << p;  // d log p / dz is |z| <= 37 in the far tail
  }
  EXPECT_NEAR(normal_quantile(0.975), 1.9599639845400545, 1e-15);
}

TEST(ResponseSummary, RefusesWhatIsNoDistribution) {
  const double mean = 0.0;
  const double negative = -1.0;
  const double one = 1.0;
  EXPECT_THROW((void)summarise_response(InverseLink::exp, {&mean, 1}, {&negative, 1}, {}), InvalidModel);
  EXPECT_THROW((void)summarise_response(InverseLink::exp, {&mean, 1}, {&one, 1}, {&one, 1}), InvalidModel);
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "model/likelihood.hpp"
#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

struct Case {
  const char* name;
  Likelihood likelihood;
  std::vector<double> parameters;
  std::vector<Datum> data;
};

void PrintTo(const Case& item, std::ostream* out) { *out << item.name; }

const Case cases[] = {
    {"gaussian", Likelihood::gaussian, {0.7}, {{1.2, 1.0, 1.0}, {-0.4, 0.3, 1.0}}},
    {"poisson", Likelihood::poisson, {}, {{0.0, 1.0, 1.0}, {7.0, 1.0, 2.5}}},
    {"binomial", Likelihood::binomial, {}, {{0.0, 1.0, 1.0}, {3.0, 1.0, 8.0}, {5.0, 1.0, 5.0}}},
    {"gamma", Likelihood::gamma, {0.9}, {{1.7, 1.0, 1.0}, {0.05, 2.0, 1.0}}},
    {"student_t", Likelihood::student_t, {0.6, 0.4}, {{0.8, 1.0, 1.0}, {9.0, 1.5, 1.0}, {-2.0, 0.5, 1.0}}},
};

class EveryLikelihood : public ::testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Likelihoods, EveryLikelihood, ::testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

/** Sixth-order central difference; error h^6 f^(7) / 140 and eps / h, both near 1e-12 for h = 0.01. */
template <class Function>
double derivative(const Function& f, double x) {
  constexpr double h = 1e-2;
  return (45.0 * (f(x + h) - f(x - h)) - 9.0 * (f(x + 2 * h) - f(x - 2 * h)) + (f(x + 3 * h) - f(x - 3 * h))) /
         (60.0 * h);
}

/** Relative to the size of the quantity, or absolute for small ones. */
constexpr double tolerance = 1e-9;

TEST_P(EveryLikelihood, DerivativesByThePredictorAreThoseOfTheLogDensity) {
  const auto& likelihood = likelihood_model(GetParam().likelihood);
  for (const auto& datum : GetParam().data) {
    for (const double eta : {-1.3, 0.2, 1.1}) {
      const auto terms = [&](double at) { return likelihood.terms(datum, at, GetParam().parameters); };
      const auto found = terms(eta);
      const double scale = 1.0 + std::abs(found.score) + std::abs(found.weight) + std::abs(found.weight_slope);
      EXPECT_NEAR(found.score, derivative([&](double at) { return terms(at).log_density; }, eta), tolerance * scale);
      EXPECT_NEAR(found.weight, -derivative([&](double at) { return terms(at).score; }, eta), tolerance * scale);
      EXPECT_NEAR(found.weight_slope, derivative([&](double at) { return terms(at).weight; }, eta), tolerance * scale);
      EXPECT_GT(likelihood.ascent_weight(datum, eta, GetParam().parameters), 0.0);
    }
  }
}

TEST_P(EveryLikelihood, DerivativesByItsParametersAreThoseOfItsTerms) {
  const auto& likelihood = likelihood_model(GetParam().likelihood);
  ASSERT_EQ(likelihood.parameter_names().size(), GetParam().parameters.size());
  for (std::size_t index = 0; index < GetParam().parameters.size(); ++index) {
    for (const auto& datum : GetParam().data) {
      const double eta = 0.3;
      const auto terms = [&](double value) {
        auto parameters = GetParam().parameters;
        parameters[index] = value;
        return likelihood.terms(datum, eta, parameters);
      };
      const double at = GetParam().parameters[index];
      const auto found = likelihood.parameter_terms(datum, eta, GetParam().parameters, index);
      const double scale = 1.0 + std::abs(found.score_slope) + std::abs(found.weight_slope);
      EXPECT_NEAR(found.log_density_slope, derivative([&](double v) { return terms(v).log_density; }, at),
                  tolerance * scale);
      EXPECT_NEAR(found.score_slope, derivative([&](double v) { return terms(v).score; }, at), tolerance * scale);
      EXPECT_NEAR(found.weight_slope, derivative([&](double v) { return terms(v).weight; }, at), tolerance * scale);
      EXPECT_GT(likelihood.parameter_information(GetParam().parameters, index), 0.0);
    }
  }
}

TEST_P(EveryLikelihood, IsADistribution) {
  const auto& likelihood = likelihood_model(GetParam().likelihood);
  const double eta = 0.4;
  const auto density = [&](double y, double exposure) {
    return std::exp(likelihood.terms({y, 1.0, exposure}, eta, GetParam().parameters).log_density);
  };
  double total = 0.0;
  if (GetParam().likelihood == Likelihood::poisson) {
    for (int y = 0; y < 60; ++y) total += density(y, 2.0);
  } else if (GetParam().likelihood == Likelihood::binomial) {
    for (int y = 0; y <= 12; ++y) total += density(y, 12.0);
  } else {
    // Trapezoids in s with y = sinh(s), or e^s for positive responses: the error is exponentially small.
    constexpr double step = 1e-3;
    for (double s = -25.0; s < 25.0; s += step) {
      const bool positive = GetParam().likelihood == Likelihood::gamma;
      total += step * (positive ? density(std::exp(s), 1.0) * std::exp(s) : density(std::sinh(s), 1.0) * std::cosh(s));
    }
  }
  EXPECT_NEAR(total, 1.0, 1e-9);
}

TEST(SpecialFunctions, TakeKnownValues) {
  // psi(1) = -gamma, psi(1/2) = -gamma - 2 log 2, psi'(1) = pi^2 / 6, psi'(1/2) = pi^2 / 2.
  constexpr double euler = 0.57721566490153286;
  EXPECT_NEAR(log_minus_digamma(1.0), euler, 1e-14);
  EXPECT_NEAR(log_minus_digamma(0.5), euler + std::log(2.0), 1e-14);
  EXPECT_NEAR(log_minus_digamma(1e9) * 2e9, 1.0, 1e-9);
  EXPECT_NEAR(stirling_error(1.0), 1.0 - 0.5 * std::log(2.0 * std::numbers::pi), 1e-15);
  // On both sides of the change from log Gamma to the series.
  EXPECT_NEAR(stirling_error(15.999999), stirling_error(16.0), 1e-9);
  EXPECT_NEAR(trigamma(1.0), 1.6449340668482264, 1e-13);
  EXPECT_NEAR(trigamma(0.5), 4.9348022005446793, 1e-13);
}

/** Densities as the textbook has them, in 64 bits: with shapes and counts near 1e8, right to 2e9 times 1e-19. */
TEST(LargeCountsAndShapes, KeepTheDigitsOfTheirDensities) {
  constexpr double tolerance = 2e-9;
  const long double pi = std::numbers::pi_v<long double>;
  for (const long double off : {-3e-4L, 0.0L, 2e-4L}) {
    const long double y = 1e8L;
    // As in double: of the predictor, the last digit counts.
    const long double eta = static_cast<double>(std::log(y / 2.5L) + off);
    const Datum count{1e8, 1.0, 2.5};
    EXPECT_NEAR(likelihood_model(Likelihood::poisson).terms(count, static_cast<double>(eta), {}).log_density,
                static_cast<double>(y * (eta + std::log(2.5L)) - 2.5L * std::exp(eta) - std::lgamma(y + 1.0L)),
                tolerance);

    const long double n = 1e8L;
    const long double successes = 3e7L;
    const long double logit = static_cast<double>(std::log(3.0L / 7.0L) + off);
    const Datum share{3e7, 1.0, 1e8};
    const long double log_choose =
        std::lgamma(n + 1.0L) - std::lgamma(successes + 1.0L) - std::lgamma(n - successes + 1.0L);
    EXPECT_NEAR(likelihood_model(Likelihood::binomial).terms(share, static_cast<double>(logit), {}).log_density,
                static_cast<double>(successes * logit - n * std::log1p(std::exp(logit)) + log_choose), tolerance);

    const std::vector<double> log_shape{18.0};
    const long double shape = std::exp(18.0L);
    const long double mean = static_cast<double>(1.7L + off);
    const long double value = static_cast<double>(std::exp(1.7L));
    const Datum positive{static_cast<double>(value), 1.0, 1.0};
    EXPECT_NEAR(likelihood_model(Likelihood::gamma).terms(positive, static_cast<double>(mean), log_shape).log_density,
                static_cast<double>(shape * (std::log(shape) - mean) + (shape - 1.0L) * std::log(value) -
                                    shape * value * std::exp(-mean) - std::lgamma(shape)),
                tolerance);
  }
  // Of so many degrees of freedom t is normal, to 1 / nu.
  const std::vector<double> nearly_normal{0.0, 20.0};
  const Datum real{1.3, 1.0, 1.0};
  EXPECT_NEAR(likelihood_model(Likelihood::student_t).terms(real, 0.4, nearly_normal).log_density,
              static_cast<double>(-0.5L * std::log(2.0L * pi) - 0.5L * 0.81L), tolerance);
}

bool is_discrete(Likelihood likelihood) {
  return likelihood == Likelihood::poisson || likelihood == Likelihood::binomial;
}

TEST_P(EveryLikelihood, TheDistributionFunctionIsTheIntegralOfTheDensity) {
  const auto& likelihood = likelihood_model(GetParam().likelihood);
  const auto& parameters = GetParam().parameters;
  for (const auto& datum : GetParam().data) {
    for (const double eta : {-0.7, 0.1, 1.6}) {
      const auto density = [&](double y) {
        auto moved = datum;
        moved.y = y;
        return std::exp(likelihood.terms(moved, eta, parameters).log_density);
      };
      const auto cumulative = [&](double y) {
        auto moved = datum;
        moved.y = y;
        return likelihood.cumulative(moved, eta, parameters);
      };
      if (is_discrete(GetParam().likelihood)) {
        double sum = 0.0;
        for (double y = 0.0; y <= datum.y; y += 1.0) sum += density(y);
        EXPECT_NEAR(cumulative(datum.y), sum, 1e-13);
        continue;
      }
      // In the log of y where y is positive: its density is steep near zero.
      const bool is_positive = GetParam().likelihood == Likelihood::gamma;
      const auto scale = [&](double x) { return is_positive ? std::exp(x) : x; };
      const double x = is_positive ? std::log(datum.y) : datum.y;
      const double slope = density(datum.y) * (is_positive ? datum.y : 1.0);
      EXPECT_NEAR(derivative([&](double at) { return cumulative(scale(at)); }, x), slope, 1e-8);
      // A t of few degrees of freedom holds 1e-9 beyond 1e6.
      EXPECT_NEAR(cumulative(is_positive ? 1e-30 : -1e6), 0.0, 1e-9);
      EXPECT_NEAR(cumulative(1e6), 1.0, 1e-9);
    }
  }
}

TEST(SpecialFunctions, LogGammaIsThatOfTheLibrary) {
  for (const double x : {1e-300, 1e-3, 0.5, 1.0, 2.0, 17.25, 1e6, 1e300}) EXPECT_EQ(log_gamma(x), std::lgamma(x));
}

TEST(SpecialFunctions, IncompleteFunctionsHaveTheirClosedForms) {
  for (const double x : {0.01, 0.5, 3.0, 40.0}) {
    EXPECT_NEAR(incomplete_gamma(1.0, x), -std::expm1(-x), 1e-14);
    EXPECT_NEAR(incomplete_gamma(0.5, x), std::erf(std::sqrt(x)), 1e-14);
    // P(a + 1, x) = P(a, x) - x^a e^-x / Gamma(a + 1).
    const double step = std::exp(7.3 * std::log(x) - x - std::lgamma(8.3));
    EXPECT_NEAR(incomplete_gamma(8.3, x), incomplete_gamma(7.3, x) - step, 1e-14);
  }
  for (const double x : {0.001, 0.3, 0.5, 0.97}) {
    EXPECT_NEAR(incomplete_beta(1.0, 3.0, x), 1.0 - std::pow(1.0 - x, 3.0), 1e-14);
    EXPECT_NEAR(incomplete_beta(0.5, 0.5, x), 2.0 / std::acos(-1.0) * std::asin(std::sqrt(x)), 1e-14);
    EXPECT_NEAR(incomplete_beta(2.5, 40.0, x) + incomplete_beta(40.0, 2.5, 1.0 - x), 1.0, 1e-13);
  }
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "model/likelihoods/special_functions.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tramontana {
namespace {

/** From here on the asymptotic series with eight Bernoulli terms is exact to rounding. */
constexpr double asymptotic_from = 12.0;
/** The next term of the series, 691 / 360360 x^-11, is then below rounding. */
constexpr double stirling_from = 16.0;
/** Terms needed grow like the square root of the arguments; this serves arguments up to 1e8. */
constexpr int max_terms = 200000;
constexpr double relative_accuracy = 4e-16;
/** Stands for zero in the denominators of continued fractions (modified method of Lentz). */
constexpr double tiny = 1e-300;

double away_from_zero(double value) { return std::abs(value) < tiny ? tiny : value; }

}  // namespace

double normal_cumulative(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double log_minus_digamma(double x) {
  const double given = x;
  double shift = 0.0;
  for (; x < asymptotic_from; x += 1.0) shift += 1.0 / x;
  const double r = 1.0 / (x * x);
  const double series =
      r *
      (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r * (1.0 / 132 - r * (691.0 / 32760 - r / 12))))));
  const double moved = x > given ? std::log(given / x) : 0.0;
  return shift + moved + 0.5 / x + series;
}

double trigamma(double x) {
  double shift = 0.0;
  for (; x < asymptotic_from; x += 1.0) shift += 1.0 / (x * x);
  const double r = 1.0 / (x * x);
  const double series =
      1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r * (1.0 / 30 - r * (5.0 / 66 - r * (691.0 / 2730 - r * 7.0 / 6)))));
  return shift + 1.0 / x + 0.5 * r + series * r / x;
}

double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

double stirling_error(double x) {
  if (x < stirling_from) {
    return log_gamma(x + 1.0) - (x + 0.5) * std::log(x) + x - 0.5 * std::log(2.0 * std::numbers::pi);
  }
  const double r = 1.0 / (x * x);
  return (1.0 / 12 - r * (1.0 / 360 - r * (1.0 / 1260 - r * (1.0 / 1680 - r / 1188)))) / x;
}

double excess_of_exp(double u) {
  const double excess = std::expm1(u) - u;
  return excess < 0.0 ? 0.0 : excess;
}

double incomplete_gamma(double a, double x) {
  if (!(x > 0.0)) return 0.0;
  const double front = std::exp(a * std::log(x) - x - log_gamma(a));
  if (x < a + 1.0) {
    double term = 1.0 / a;
    double sum = term;
    for (int k = 1; k < max_terms && term > relative_accuracy * sum; ++k) {
      term *= x / (a + k);
      sum += term;
    }
    return std::min(1.0, front * sum);
  }
  double b = x + 1.0 - a;
  double c = 1.0 / tiny;
  double d = 1.0 / away_from_zero(b);
  double fraction = d;
  for (int k = 1; k < max_terms; ++k) {
    const double numerator = -k * (k - a);
    b += 2.0;
    d = 1.0 / away_from_zero(numerator * d + b);
    c = away_from_zero(b + numerator / c);
    const double factor = c * d;
    fraction *= factor;
    if (std::abs(factor - 1.0) < relative_accuracy) break;
  }
  return std::max(0.0, 1.0 - front * fraction);
}

double incomplete_beta(double a, double b, double x) {
  if (!(x > 0.0)) return 0.0;
  if (!(x < 1.0)) return 1.0;
  // The fraction converges fast below the mean; above it the complement is computed.
  if (x > (a + 1.0) / (a + b + 2.0)) return 1.0 - incomplete_beta(b, a, 1.0 - x);
  const double front =
      std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x)) / a;
  double c = 1.0;
  double d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
  double fraction = d;
  for (int k = 1; k < max_terms; ++k) {
    const double even = k * (b - k) * x / ((a + 2.0 * k - 1.0) * (a + 2.0 * k));
    d = 1.0 / away_from_zero(1.0 + even * d);
    c = away_from_zero(1.0 + even / c);
    fraction *= c * d;
    const double odd = -(a + k) * (a + b + k) * x / ((a + 2.0 * k) * (a + 2.0 * k + 1.0));
    d = 1.0 / away_from_zero(1.0 + odd * d);
    c = away_from_zero(1.0 + odd / c);
    const double factor = c * d;
    fraction *= factor;
    if (std::abs(factor - 1.0) < relative_accuracy) break;
  }
  return front * fraction;
}

}  // namespace tramontana

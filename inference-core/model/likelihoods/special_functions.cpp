// SPDX-License-Identifier: Apache-2.0
#include "model/likelihoods/special_functions.hpp"

#include <cmath>

namespace tramontana {
namespace {

/** From here on the asymptotic series with eight Bernoulli terms is exact to rounding. */
constexpr double asymptotic_from = 12.0;

}  // namespace

double digamma(double x) {
  double shift = 0.0;
  for (; x < asymptotic_from; x += 1.0) shift -= 1.0 / x;
  const double r = 1.0 / (x * x);
  const double series =
      r *
      (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r * (1.0 / 132 - r * (691.0 / 32760 - r / 12))))));
  return shift + std::log(x) - 0.5 / x - series;
}

double trigamma(double x) {
  double shift = 0.0;
  for (; x < asymptotic_from; x += 1.0) shift += 1.0 / (x * x);
  const double r = 1.0 / (x * x);
  const double series =
      1.0 / 6 - r * (1.0 / 30 - r * (1.0 / 42 - r * (1.0 / 30 - r * (5.0 / 66 - r * (691.0 / 2730 - r * 7.0 / 6)))));
  return shift + 1.0 / x + 0.5 * r + series * r / x;
}

}  // namespace tramontana

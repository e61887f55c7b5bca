// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tramontana {

/** P(Z <= x) for a standard normal Z; the lower tail keeps its digits. */
[[nodiscard]] double normal_cumulative(double x);
/**
 * log x - psi(x), psi(x) = d log Gamma(x) / dx, for x > 0, to about 1e-15: near 1/(2 x) for large x, which the
 * difference of both would not tell [Abramowitz1972, 6.3.5 and 6.3.18].
 */
[[nodiscard]] double log_minus_digamma(double x);
/** psi'(x) for x > 0, to about 1e-14 [Abramowitz1972, 6.4.6 and 6.4.11]. */
[[nodiscard]] double trigamma(double x);
/** log Gamma(x) for x > 0. std::lgamma also tells the sign, in a global of the C library: threads would race for it. */
[[nodiscard]] double log_gamma(double x);
/**
 * log Gamma(x + 1) less Stirling's (x + 1/2) log x - x + 1/2 log 2 pi, about 1/(12 x), for x > 0 [Loader2000]. With it
 * and excess_of_exp() densities of counts keep their digits where x log x is large and the density is not.
 */
[[nodiscard]] double stirling_error(double x);
/** e^u - 1 - u, the deviance of an observation e^-u times its mean, a unit of the mean; never negative. */
[[nodiscard]] double excess_of_exp(double u);
/**
 * Regularised incomplete gamma function P(a, x) = gamma(a, x) / Gamma(a), a > 0, x >= 0, to about 1e-14: a series below
 * a + 1 and a continued fraction above [Abramowitz1972, 6.5.29 and 6.5.31].
 */
[[nodiscard]] double incomplete_gamma(double a, double x);
/** Regularised incomplete beta function I_x(a, b), a, b > 0, by its continued fraction [Abramowitz1972, 26.5.8]. */
[[nodiscard]] double incomplete_beta(double a, double b, double x);

}  // namespace tramontana

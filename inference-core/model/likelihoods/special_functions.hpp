// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tramontana {

/** P(Z <= x) for a standard normal Z; the lower tail keeps its digits. */
[[nodiscard]] double normal_cumulative(double x);
/** psi(x) = d log Gamma(x) / dx for x > 0, to about 1e-15 [Abramowitz1972, 6.3.5 and 6.3.18]. */
[[nodiscard]] double digamma(double x);
/** psi'(x) for x > 0, to about 1e-14 [Abramowitz1972, 6.4.6 and 6.4.11]. */
[[nodiscard]] double trigamma(double x);
/**
 * Regularised incomplete gamma function P(a, x) = gamma(a, x) / Gamma(a), a > 0, x >= 0, to about 1e-14: a series below
 * a + 1 and a continued fraction above [Abramowitz1972, 6.5.29 and 6.5.31].
 */
[[nodiscard]] double incomplete_gamma(double a, double x);
/** Regularised incomplete beta function I_x(a, b), a, b > 0, by its continued fraction [Abramowitz1972, 26.5.8]. */
[[nodiscard]] double incomplete_beta(double a, double b, double x);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <numbers>
#include <optional>

namespace tramontana {

/**
 * c_s(g^2) = sum_k (2k+1) / (4 pi (g^2 + k(k+1))^2), the variance sum of a Matern field on the unit sphere
 * [Lindgren2024, eq. for S^2].
 *
 * The first 200 terms are added; the rest is an Euler-Maclaurin midpoint series: with x = k + 1/2 a term is
 * h(x) = 2x / (x^2 + c)^2, c = g^2 - 1/4, and sum_{k >= K} h = int_K h + h'(K)/24 - 7 h'''(K)/5760 + O(K^-6 h). Its
 * relative error at K = 200 is below 1e-15 for every g.
 *
 * @param truncate_at sums k < truncate_at only, as the peers do: wrong for ranges that are short against the radius
 */
template <class Scalar>
[[nodiscard]] Scalar sphere_variance_sum(const Scalar& g_squared, std::optional<int> truncate_at) {
  const int num_terms = truncate_at.value_or(200);
  Scalar sum(0.0);
  for (int k = num_terms - 1; k >= 0; --k) {
    const Scalar denominator = g_squared + Scalar(static_cast<double>(k) * (k + 1.0));
    sum = sum + Scalar(2.0 * k + 1.0) / (denominator * denominator);
  }
  if (!truncate_at) {
    const double x = num_terms;
    const Scalar u = g_squared + Scalar(x * x - 0.25);  // x^2 + c
    const Scalar u2 = u * u;
    const Scalar first = Scalar(2.0) / u2 - Scalar(8.0 * x * x) / (u2 * u);
    const Scalar third =
        Scalar(-24.0) / (u2 * u) + Scalar(288.0 * x * x) / (u2 * u2) - Scalar(384.0 * x * x * x * x) / (u2 * u2 * u);
    sum = sum + Scalar(1.0) / u + Scalar(1.0 / 24.0) * first - Scalar(7.0 / 5760.0) * third;
  }
  return sum / Scalar(4.0 * std::numbers::pi);
}

}  // namespace tramontana

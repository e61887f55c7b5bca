// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tramontana {

/** psi(x) = d log Gamma(x) / dx for x > 0, to about 1e-15 [Abramowitz1972, 6.3.5 and 6.3.18]. */
[[nodiscard]] double digamma(double x);
/** psi'(x) for x > 0, to about 1e-14 [Abramowitz1972, 6.4.6 and 6.4.11]. */
[[nodiscard]] double trigamma(double x);

}  // namespace tramontana

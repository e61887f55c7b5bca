// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tramontana/errors.hpp"

namespace tramontana {

[[nodiscard]] inline bool all_finite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

/**
 * At a theta so far out that exponentials overflow or underflow, factors may have positive pivots and results still be
 * no numbers; that is the same failure as a pivot that is none, and searches step back from it in the same way.
 *
 * @throws NotPositiveDefinite  with the thing, the index, the value and theta, when a value is not finite
 */
inline void require_finite(std::span<const double> values, const char* what, std::span<const double> theta) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw NotPositiveDefinite(std::string("The ") + what + " must be finite, found " + std::to_string(values[i]) +
                                  " at index " + std::to_string(i) + ": theta is beyond what can be computed.",
                              {{"block", std::string(what)},
                               {"index", static_cast<std::int64_t>(i)},
                               {"value", values[i]},
                               {"theta", std::vector<double>(theta.begin(), theta.end())}});
  }
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

namespace tramontana {

/** Where a Cholesky factorisation broke down. */
struct PivotFailure {
  std::size_t pivot = 0;  ///< 0-based
  double value = 0.0;     ///< the pivot, after elimination of the ones before it
};

/** Outcome of an inversion: the log determinant, or the pivot that was not positive. */
struct InversionOutcome {
  double log_determinant = 0.0;
  std::optional<PivotFailure> failure;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tramontana {

struct RecursionOptions {
  /**
   * Elementwise relative error of diag(S_t^-1) at which equal steps are taken to have reached their steady state. The
   * remaining geometric series is part of the estimate. Zero switches the detection off; exact reuse remains.
   */
  double steady_state_tolerance = 1e-13;
  /** Whether a long run of equal steps may be replaced by its fixed point. It pays when sums of covariances suffice. */
  enum class Doubling { automatic, never, always } doubling = Doubling::automatic;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace tramontana {

/** Watches diag(S^-1) over equal steps and says when the geometric remainder is below the tolerance. */
class SteadyStateDetector {
 public:
  explicit SteadyStateDetector(double tolerance) : tolerance_(tolerance) {}

  /** Forgets the past: the next step has other tags than this one. */
  void reset() { previous_.clear(), change_ = -1.0; }

  /** Takes the diagonal of the state of the next equal step; true when it is converged. */
  bool observe(std::vector<double> diagonal);

 private:
  double tolerance_;
  double change_ = -1.0;
  std::vector<double> previous_;
};

}  // namespace tramontana

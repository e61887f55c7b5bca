// SPDX-License-Identifier: Apache-2.0
#include "solver/steady_state.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tramontana {

bool SteadyStateDetector::observe(std::vector<double> diagonal) {
  if (tolerance_ <= 0.0) return false;
  if (previous_.empty()) {
    previous_ = std::move(diagonal);
    return false;
  }
  double change = 0.0;
  for (std::size_t i = 0; i < diagonal.size(); ++i) {
    change = std::max(change, std::abs(diagonal[i] - previous_[i]) / std::abs(diagonal[i]));
  }
  // The changes fall like r^t; what is left after this step is change * r / (1 - r). Rounding can make the observed
  // ratio meaningless near the end, hence the clamp.
  const double ratio = change_ > 0.0 ? std::clamp(change / change_, 0.0, 0.95) : 0.95;
  previous_ = std::move(diagonal);
  change_ = change;
  return change * ratio / (1.0 - ratio) <= tolerance_;
}

}  // namespace tramontana

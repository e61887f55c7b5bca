// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>

namespace tramontana {

/** Adds weight * e^log_value to sum, kept relative to e^offset. */
inline void add_scaled(double weight, double log_value, double& sum, double& offset) {
  if (!(weight > 0.0) || log_value == -std::numeric_limits<double>::infinity()) return;
  if (log_value > offset) {
    sum *= std::exp(offset - log_value);
    offset = log_value;
  }
  sum += weight * std::exp(log_value - offset);
}

}  // namespace tramontana

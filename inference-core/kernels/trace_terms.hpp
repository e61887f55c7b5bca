// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "matrix/block.hpp"

namespace tramontana {

/**
 * One derivative of a precision that couples processes mode by mode and step by step, of rank one between processes:
 * u (x) q' times a scale of each mode. u and q have a number for each process.
 */
struct TraceTerm {
  std::vector<double> source;  ///< u
  std::vector<double> target;  ///< q
};

/** A block of the covariance between two steps, and what each term scales the modes of its own step with. */
struct ScaledBlock {
  ConstBlockView block;
  std::vector<double> scale;  ///< [term * n_s + mode]
};

/** Modes `first` .. `last` - 1. */
struct ModeRange {
  std::size_t first = 0;
  std::size_t last = 0;
};

}  // namespace tramontana

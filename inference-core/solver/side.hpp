// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "matrix/transpose.hpp"
#include "solver/schur_step.hpp"

namespace tramontana {

/** Steps in a row on one side of the middle, from the outermost one inward. */
struct Side {
  bool is_left = true;
  std::size_t end = 0;  ///< the outermost step
  std::size_t length = 0;

  /** The step at so many steps from the end. */
  [[nodiscard]] std::size_t step(std::size_t distance) const { return is_left ? end + distance : end - distance; }
  /** The lowest of the steps. */
  [[nodiscard]] std::size_t first() const { return is_left ? end : end + 1 - length; }
  /** The next step outward, and inward. */
  [[nodiscard]] std::size_t behind(std::size_t step) const { return is_left ? step - 1 : step + 1; }
  [[nodiscard]] std::size_t ahead(std::size_t step) const { return is_left ? step + 1 : step - 1; }
  /** Number of the coupling to the step ahead. */
  [[nodiscard]] std::size_t coupling_ahead(std::size_t step) const { return is_left ? step : step - 1; }
  /** How a coupling acts on what comes from the end, and on what comes from the middle. */
  [[nodiscard]] Transpose inward() const { return is_left ? Transpose::no : Transpose::yes; }
  [[nodiscard]] Transpose outward() const { return is_left ? Transpose::yes : Transpose::no; }
  [[nodiscard]] Eliminated eliminated(const ConstBlockView* behind, const ConstBlockView* ahead) const {
    return is_left ? Eliminated{behind, ahead} : Eliminated{ahead, behind};
  }
};

}  // namespace tramontana

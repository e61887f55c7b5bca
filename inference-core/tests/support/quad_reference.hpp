// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "tramontana/engine_model.hpp"

namespace tramontana::testing {

/** What a dense evaluation with more than twice the digits of a double says. */
struct QuadAnswer {
  std::vector<double> gradient;
  /** Ratio of the largest to the smallest eigenvalue of the posterior precision in nodal coordinates, roughly. */
  double condition = 0.0;
};

/**
 * Gradient of the objective of a univariate diffusion field on the plane with one Gaussian group and Gaussian priors:
 * sixth-order differences of a textbook evaluation in 113-bit arithmetic (64-bit where the compiler has no more), by
 * Kronecker products and dense Cholesky factors in nodal coordinates. Rounding and truncation stay below 1e-14 of it.
 */
[[nodiscard]] QuadAnswer quad_answer(const EngineModel& model, std::span<const double> theta);

}  // namespace tramontana::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "kernels/backend.hpp"

namespace tramontana {

struct TrustRegionStep {
  std::vector<double> step;
  double predicted_reduction = 0.0;  ///< of the quadratic model, non-negative
  double length = 0.0;
};

/**
 * Minimises g'p + 1/2 p'Mp over |p| <= radius [Conn2000], by the eigen-decomposition of M and a scalar equation.
 *
 * Directions in which M is not positive are given the smallest positive curvature that keeps the step finite.
 *
 * @param curvature  row-major symmetric d x d
 */
[[nodiscard]] TrustRegionStep trust_region_step(const Backend& backend, std::span<const double> gradient,
                                                std::span<const double> curvature, double radius);

/** Inverse of a symmetric positive definite d x d matrix. @throws NotPositiveDefinite naming `what` */
[[nodiscard]] std::vector<double> symmetric_inverse(const Backend& backend, std::span<const double> matrix,
                                                    const char* what);

}  // namespace tramontana

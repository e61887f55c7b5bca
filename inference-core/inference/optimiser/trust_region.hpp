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

/** Bounds of a step, component by component: lower <= 0 <= upper. */
struct StepBounds {
  std::vector<double> lower;
  std::vector<double> upper;
};

/**
 * The same within a box: components held at the start stay, those whose bound the step crosses stop there and the rest
 * is minimised again, until no bound is crossed.
 *
 * @param held  components that do not move
 */
[[nodiscard]] TrustRegionStep trust_region_step(const Backend& backend, std::span<const double> gradient,
                                                std::span<const double> curvature, double radius,
                                                const StepBounds& bounds, std::vector<bool> held);

/**
 * The matrix `observed` with its eigenvalues relative to `positive` replaced by max(|h|, smallest): positive definite,
 * equal to `observed` where that is clearly positive. Rows and columns of held components become those of the identity.
 */
[[nodiscard]] std::vector<double> bounded_curvature(const Backend& backend, std::span<const double> observed,
                                                    std::span<const double> positive, double smallest,
                                                    const std::vector<bool>& held);

/** Largest |eigenvalue| of a symmetric matrix relative to a positive one, without held components. */
[[nodiscard]] double relative_size(const Backend& backend, std::span<const double> matrix,
                                   std::span<const double> positive, const std::vector<bool>& held);

/** Eigenvalues of the part of a symmetric matrix that is not held, and the eigenvector of the smallest. */
struct LowestCurvature {
  double smallest = 0.0;
  double largest = 0.0;
  std::vector<double> direction;  ///< length d, zero where held
};
[[nodiscard]] LowestCurvature lowest_curvature(const Backend& backend, std::span<const double> matrix,
                                               const std::vector<bool>& held);

/**
 * Inverse of a symmetric positive definite d x d matrix without its held components, whose rows and columns are zero.
 * @throws NotPositiveDefinite naming `what`
 */
[[nodiscard]] std::vector<double> symmetric_inverse(const Backend& backend, std::span<const double> matrix,
                                                    const std::vector<bool>& held, const char* what);

/** Inverse of a symmetric positive definite d x d matrix. @throws NotPositiveDefinite naming `what` */
[[nodiscard]] std::vector<double> symmetric_inverse(const Backend& backend, std::span<const double> matrix,
                                                    const char* what);

}  // namespace tramontana

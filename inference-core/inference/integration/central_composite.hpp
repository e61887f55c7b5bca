// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace tramontana {

/** A point of a design on the unit sphere, or its centre. */
struct CompositePoint {
  std::vector<double> z;
  bool is_centre = false;
};

/**
 * Central composite design in d dimensions: the centre, 2 d axial points and a two-level fractional factorial of
 * resolution V, all scaled to the unit sphere.
 *
 * The columns of the factorial are Walsh functions whose indices are chosen one after the other as the smallest with no
 * exclusive or of up to four of them equal to zero [Sanchez2005]: main effects and two-factor interactions are then
 * free of each other. d = 1 has the centre and two points.
 */
[[nodiscard]] std::vector<CompositePoint> central_composite_design(std::size_t num_dimensions);

/** Weights of the centre and of every other point, for points at `radius`; see integration.hpp. */
struct CompositeWeights {
  double centre = 1.0;
  double other = 0.0;
};
[[nodiscard]] CompositeWeights composite_weights(std::size_t num_dimensions, std::size_t num_points, double radius);

}  // namespace tramontana

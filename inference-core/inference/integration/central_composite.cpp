// SPDX-License-Identifier: Apache-2.0
#include "inference/integration/central_composite.hpp"

#include <bit>
#include <cmath>
#include <set>

namespace tramontana {
namespace {

/** The first `count` Walsh indices of resolution V. */
std::vector<std::size_t> walsh_indices(std::size_t count) {
  std::vector<std::size_t> indices;
  // Exclusive ors of up to three of the indices: a new index equal to one of them closes a word of four or fewer.
  std::set<std::size_t> singles;
  std::set<std::size_t> pairs;
  std::set<std::size_t> triples;
  for (std::size_t candidate = 1; indices.size() < count; ++candidate) {
    if (singles.contains(candidate) || pairs.contains(candidate) || triples.contains(candidate)) continue;
    for (const auto pair : pairs) triples.insert(pair ^ candidate);
    for (const auto single : singles) pairs.insert(single ^ candidate);
    singles.insert(candidate);
    indices.push_back(candidate);
  }
  return indices;
}

}  // namespace

std::vector<CompositePoint> central_composite_design(std::size_t num_dimensions) {
  const std::size_t d = num_dimensions;
  std::vector<CompositePoint> points{{std::vector<double>(d, 0.0), true}};
  if (d > 1) {
    const auto indices = walsh_indices(d);
    const std::size_t num_corners = std::bit_ceil(indices.back() + 1);
    const double side = 1.0 / std::sqrt(static_cast<double>(d));
    for (std::size_t corner = 0; corner < num_corners; ++corner) {
      CompositePoint point{std::vector<double>(d), false};
      for (std::size_t i = 0; i < d; ++i) point.z[i] = std::popcount(corner & indices[i]) % 2 == 0 ? side : -side;
      points.push_back(std::move(point));
    }
  }
  for (std::size_t i = 0; i < d; ++i) {
    for (const double direction : {-1.0, 1.0}) {
      CompositePoint point{std::vector<double>(d, 0.0), false};
      point.z[i] = direction;
      points.push_back(std::move(point));
    }
  }
  return points;
}

CompositeWeights composite_weights(std::size_t num_dimensions, std::size_t num_points, double radius) {
  if (num_points == 1) return {1.0, 0.0};
  const double square = radius * radius;
  const double others = static_cast<double>(num_points - 1);
  const double relative = square / static_cast<double>(num_dimensions) - 1.0;
  const double weight = 1.0 / (others * (1.0 + std::exp(-0.5 * square) * relative));
  return {1.0 - others * weight, weight};
}

}  // namespace tramontana

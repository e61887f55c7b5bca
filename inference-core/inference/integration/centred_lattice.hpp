// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <vector>

namespace tramontana {

/**
 * The region of a body-centred lattice where a density is worth evaluating, found from the density itself.
 *
 * The lattice is a Z^d and its copy shifted by a/2 along every axis. The sum of a smooth density over it, times
 * a^d / 2, is the integral but for the density's spectrum at the dual lattice, whose shortest vectors are 2 pi sqrt(2)
 * / a: for a standard normal density e^(-4 pi^2 / a^2), as a cubic lattice has with 2^(d/2) / 2 times the points
 * [ConwaySloane1999, chapter 2].
 *
 * From the centre outwards: a point is evaluated when a neighbour nearer to the centre makes one expect a fall of the
 * log density below the limit. Along a ray from its mode a log-concave density falls at least in proportion to the
 * distance, so that none of its points within the limit is left out by the neighbour on its ray.
 */
class CentredLattice {
 public:
  /** Twice the coordinates in units of a: all even or all odd. */
  using Key = std::vector<std::int32_t>;

  /** Beyond `most_evaluations` the points that are expected to weigh least are left out. */
  explicit CentredLattice(std::size_t num_dimensions,
                          double most_evaluations = std::numeric_limits<double>::infinity());

  /** Coordinates of a point, in standard deviations. */
  [[nodiscard]] std::vector<double> at(const Key& key) const;
  /** Volume that each point stands for. */
  [[nodiscard]] double cell_volume() const;
  /** The centre at first, then all neighbours of the last generation that are worth it, in an order of their own. */
  [[nodiscard]] std::vector<Key> next_generation();
  /** The fall of the log density from the centre to a point of the last generation; infinite where there is none. */
  void found(const Key& key, double fall);

 private:
  std::size_t dimensions_;
  double most_evaluations_;
  double spacing_;
  double largest_fall_;
  std::vector<Key> neighbours_;
  std::set<Key> seen_;
  std::map<Key, double> candidates_;  ///< with the fall to expect
  std::size_t num_evaluated_ = 0;
};

/** Evaluations that a standard normal density takes, about. */
[[nodiscard]] double expected_lattice_evaluations(std::size_t num_dimensions);

}  // namespace tramontana

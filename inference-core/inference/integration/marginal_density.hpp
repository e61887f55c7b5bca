// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tramontana/integration.hpp"

namespace tramontana {

/** Probabilities of cells of equal width; centres at first + j step. */
struct CellMasses {
  double first = 0.0;
  double step = 0.0;
  std::vector<double> mass;

  [[nodiscard]] double centre(std::size_t j) const { return first + static_cast<double>(j) * step; }
  [[nodiscard]] double total() const;
  [[nodiscard]] double mean() const;
  [[nodiscard]] double sd() const;
  /** Point below which the share p of all probability lies, cells being uniform inside. */
  [[nodiscard]] double quantile(double probability) const;
  /** Moves and widens the cells until mean and standard deviation are these. */
  void fit_to(double mean, double sd);
};

/** Cells around a centre, all probability in the middle one: 75 a standard deviation, out to eight of them. */
[[nodiscard]] CellMasses point_mass(double centre, double sd);
/** Standard deviations to each side of the centre that the cells reach. */
inline constexpr int half_width_sd = 8;

/** A continuous term of a sum. */
struct SumTerm {
  std::function<double(double)> cumulative;
  double reach_below = 0.0;  ///< beyond these lies nothing
  double reach_above = 0.0;
};

/** Adds an independent term: the cells lose what falls outside. */
void convolve(CellMasses& cells, const SumTerm& term);

/** The quantity behind a component of theta. */
struct NaturalScale {
  std::string name;
  std::function<double(double)> value;
  std::function<double(double)> slope;
};
[[nodiscard]] NaturalScale natural_scale(const std::string& name);

/** Of one quantity. */
struct Moments {
  double mean = 0.0;
  double sd = 0.0;
};
/** Weights need not be normalised. The first value is the origin of the sums. */
[[nodiscard]] Moments moments_of(std::span<const double> values, std::span<const double> weights);

/** Quantiles and density of the cells on both scales; mean and standard deviation are given. */
[[nodiscard]] ThetaMarginal describe(const std::string& name, const CellMasses& cells, const Moments& internal,
                                     const Moments& natural);
/** A component that does not vary. */
[[nodiscard]] ThetaMarginal fixed_marginal(const std::string& name, double value);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "grid/cosine_axis.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tramontana {
namespace {

using std::numbers::pi;

/** The circle is this many times the axis, and at least these cells more: cells are what ranges are measured in. */
constexpr std::size_t circle_factor = 3;
constexpr std::size_t least_gap_cells = 128;

double sinc(double x) { return x == 0.0 ? 1.0 : std::sin(pi * x) / (pi * x); }

/** c_k of the orthonormal cosines. */
double cosine_norm(std::size_t frequency) { return frequency == 0 ? 1.0 : std::numbers::sqrt2; }

}  // namespace

CosineAxis::CosineAxis(std::size_t num_cells, double width)
    : num_cells_(num_cells),
      width_(width),
      circle_cells_(std::max(circle_factor * num_cells, num_cells + least_gap_cells)),
      transform_(num_cells, num_cells) {
  circle_cells_ += circle_cells_ % 2;
  powers_ = DenseMatrix(num_cells, num_waves());
  const double cells = static_cast<double>(num_cells);
  for (std::size_t q = 0; q < num_cells; ++q) {
    for (std::size_t i = 0; i < num_cells; ++i) {
      // The argument is reduced as an integer, for cosines of large arguments lose digits.
      const std::size_t turns = q * (2 * i + 1) % (4 * num_cells);
      transform_(q, i) = cosine_norm(q) / std::sqrt(cells) * std::cos(pi * static_cast<double>(turns) / (2.0 * cells));
    }
  }
  // Halves of a cell, for the middle lies between two cells where M is even.
  std::vector<double> cosines(2 * circle_cells_);
  std::vector<double> sines(2 * circle_cells_);
  for (std::size_t j = 0; j < 2 * circle_cells_; ++j) {
    const double angle = pi * static_cast<double>(j) / static_cast<double>(circle_cells_);
    cosines[j] = std::cos(angle);
    sines[j] = std::sin(angle);
  }
  waves_seen_ = DenseMatrix::zero(num_cells, num_waves());
  for (std::size_t k = 0; k < num_waves(); ++k) {
    for (std::size_t q = 0; q < num_cells; ++q) {
      double sum = 0.0;
      for (std::size_t i = 0; i < num_cells; ++i) {
        // k (2 i - (M - 1)) halves, kept positive by whole turns.
        const std::size_t turn = 2 * circle_cells_;
        const std::size_t halves = (k * 2 * i + k * (turn - (num_cells - 1))) % turn;
        sum += transform_(q, i) * (q % 2 == 0 ? cosines[halves] : sines[halves]);
      }
      waves_seen_(q, k) = sum;
      powers_(q, k) = multiplicity(k) * sum * sum;
    }
  }
}

std::vector<AliasedMode> CosineAxis::modes_of(std::size_t index, std::size_t count) const {
  const double cells = static_cast<double>(num_cells_);
  std::vector<AliasedMode> modes;
  for (std::size_t m = 0; modes.size() < count; ++m) {
    const std::size_t period = 2 * m * num_cells_;
    for (const bool is_above : {false, true}) {
      if (modes.size() == count || (m == 0 && !is_above)) continue;
      const std::size_t frequency = is_above ? period + index : period - index;
      const double sign = m % 2 == 0 ? 1.0 : -1.0;
      modes.push_back({frequency, sign * cosine_norm(frequency) / cosine_norm(index) *
                                      sinc(static_cast<double>(frequency) / (2.0 * cells)) / std::sqrt(width_)});
    }
    // Whole waves a cell have no mean over it.
    if (index == 0) break;
  }
  return modes;
}

DenseMatrix CosineAxis::means_over(std::span<const double> centres, double interval,
                                   std::span<const AliasedMode> modes) const {
  DenseMatrix means(centres.size(), modes.size());
  for (std::size_t mode = 0; mode < modes.size(); ++mode) {
    const double waves = static_cast<double>(modes[mode].frequency) / length();
    const double size = cosine_norm(modes[mode].frequency) / std::sqrt(length()) * sinc(0.5 * waves * interval);
    for (std::size_t i = 0; i < centres.size(); ++i) means(i, mode) = size * std::cos(pi * waves * centres[i]);
  }
  return means;
}

double CosineAxis::angular_frequency(std::size_t wave, int alias) const {
  const double waves = static_cast<double>(wave) + alias * static_cast<double>(circle_cells_);
  return 2.0 * pi * waves / (static_cast<double>(circle_cells_) * width_);
}

double CosineAxis::cell_share(std::size_t wave, int alias) const {
  const double share = sinc(static_cast<double>(wave) / static_cast<double>(circle_cells_) + alias);
  return share * share;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "matrix/dense.hpp"

namespace tramontana {

/** A cosine mode k of an axis as its cells see it: the mean of phi_k over cell i is `weight` d_q(i). */
struct AliasedMode {
  std::size_t frequency = 0;  ///< k
  double weight = 0.0;
};

/**
 * One axis of M cells of width h on [0, L], L = M h.
 *
 *     d_q(i) = (c_q / sqrt M) cos(pi q (i + 1/2) / M),         the orthonormal DCT-II, c_0 = 1, c_k = sqrt 2
 *     phi_k(x) = (c_k / sqrt L) cos(pi k x / L),               k = 2 m M + q or 2 m M - q is seen as q with the weight
 *     w_k = (-1)^m (c_k / c_q) sinc(k / 2 M) / sqrt h,         sinc x = sin(pi x) / (pi x)
 *
 * On a circle of N >= M cells the mean of e^(2 pi i k x / (N h)) over a cell falls by sinc(k / N). d_q is even or odd
 * about the middle of the axis, as q is, and takes of a wave the part of its own parity alone:
 *
 *     W_qk = sum_i d_q(i) cos or sin(2 pi k (i - (M - 1) / 2) / N).
 */
class CosineAxis {
 public:
  CosineAxis(std::size_t num_cells, double width);

  [[nodiscard]] std::size_t num_cells() const { return num_cells_; }
  [[nodiscard]] double width() const { return width_; }
  [[nodiscard]] double length() const { return width_ * static_cast<double>(num_cells_); }
  /** Row q, column i. */
  [[nodiscard]] const DenseMatrix& transform() const { return transform_; }
  /** The first `count` modes that are seen as q, lowest first; fewer where the rest is invisible. */
  [[nodiscard]] std::vector<AliasedMode> modes_of(std::size_t index, std::size_t count) const;

  /** Means of phi_k over intervals of one width around `centres`; width 0 is a point. Row interval, column mode. */
  [[nodiscard]] DenseMatrix means_over(std::span<const double> centres, double interval,
                                       std::span<const AliasedMode> modes) const;

  /** Cells of the circle; even, and long enough that a field hardly feels that it is closed. */
  [[nodiscard]] std::size_t circle_cells() const { return circle_cells_; }
  /** Waves 0..N/2 of the circle; those between the ends stand for two. */
  [[nodiscard]] std::size_t num_waves() const { return circle_cells_ / 2 + 1; }
  /** Row q, column k: what d_q takes of the cosine (even q) or sine (odd q) of wave k about the middle. */
  [[nodiscard]] const DenseMatrix& waves_seen() const { return waves_seen_; }
  /** Waves of the circle that wave k stands for: itself, and its mirror image where that is another one. */
  [[nodiscard]] double multiplicity(std::size_t wave) const {
    return wave == 0 || 2 * wave == circle_cells_ ? 1.0 : 2.0;
  }
  /** Row q, column k: the power that d_q takes of wave k and its mirror image. */
  [[nodiscard]] const DenseMatrix& powers() const { return powers_; }
  /** Angular frequency of wave k + m N. */
  [[nodiscard]] double angular_frequency(std::size_t wave, int alias) const;
  /** Square of the mean over a cell of wave k + m N. */
  [[nodiscard]] double cell_share(std::size_t wave, int alias) const;

 private:
  std::size_t num_cells_;
  double width_;
  std::size_t circle_cells_;
  DenseMatrix transform_;
  DenseMatrix waves_seen_;
  DenseMatrix powers_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "grid/effects_posterior.hpp"
#include "grid/mode_covariance.hpp"
#include "grid/prepared_grid.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/** One joint draw of all that the maps are made of. */
struct PosteriorDraw {
  std::vector<double> effects;
  /** Of the field v of process p at step t, at p * num_steps + t: (row index, rank) x (column index, rank). */
  std::vector<DenseMatrix> coefficients;
};

/**
 * Exact joint draws of the modes and the fixed effects given the data, at one theta, with the cosine modes of the
 * grid's rectangle as the prior: beta from its posterior, then for each index
 *
 *     w = w* + Cov(w, Z) C_q^-1 (Z - X beta - Z*),   (w*, Z*) a draw of modes and data from the prior
 *
 * (Matheron's rule). Modes are autoregressions, so that the correction of each costs a pass over the steps.
 *
 * Memory: a draw holds cells x modes_per_cell^2 x processes x steps numbers.
 */
class PosteriorDraws {
 public:
  /** @throws NotPositiveDefinite, Interrupted */
  PosteriorDraws(const PreparedGrid& grid, std::span<const double> theta, std::size_t modes_per_cell,
                 const CancellationToken* cancellation);

  /** Draws number `first` to `first + count - 1`, each the same whatever else is drawn. */
  [[nodiscard]] std::vector<PosteriorDraw> draw(std::uint64_t seed, std::size_t first, std::size_t count) const;

  /** The mean of all draws. */
  [[nodiscard]] PosteriorDraw mean() const;
  [[nodiscard]] const EffectsPosterior& effects() const { return effects_; }

 private:
  /** A draw of zeros. */
  [[nodiscard]] PosteriorDraw empty_draw() const;
  /** Adds to the paths [mode][process][step] of an index what its pulls C_q^-1 (Z - X beta - Z*) say of them. */
  void correct(std::span<const VisibleMode> modes, std::span<const double> pulls, std::span<double> paths) const;
  /** Puts paths of an index, combined into the fields of the processes, to their places. */
  void put(std::size_t index, std::span<const VisibleMode> modes, std::span<const double> paths,
           PosteriorDraw& draw) const;
  void draw_at(std::size_t index, std::uint64_t seed, std::size_t first, std::span<PosteriorDraw> draws) const;

  const PreparedGrid& grid_;
  std::vector<double> theta_;
  std::size_t modes_per_cell_;
  const CancellationToken* cancellation_;
  ModeCovariance covariance_;
  std::vector<double> coregionalisation_;
  std::vector<double> noise_variance_;
  DenseMatrix solutions_;  ///< C_q^-1 [z X], one index beside the other
  EffectsPosterior effects_;
  DenseMatrix effects_root_;  ///< a root of the covariance of beta: axes times standard deviations
};

}  // namespace tramontana

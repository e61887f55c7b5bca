// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "grid/prepared_grid.hpp"
#include "kernels/random_normal.hpp"

namespace tramontana {

/**
 * Draws of the data's DCT coefficients for fields on the torus that holds the grid, noise included and fixed effects
 * not: what the expected spectrum is the expectation of, with the dependence between indices that it leaves out.
 *
 * A wave with its aliases is drawn as the first-order autoregression that has its covariances at lags zero and one;
 * those of longer lags are off by what the aliases fall faster. Waves that no coefficient shows beside its noise are
 * not drawn.
 */
class TorusDraws {
 public:
  TorusDraws(const PreparedGrid& grid, std::span<const double> theta, std::uint64_t seed);

  /**
   * One draw, the same whatever else is drawn: [rows] for each index.
   *
   * Cost: for each process and step, products of a quarter of (cells x waves) by (waves x waves).
   */
  [[nodiscard]] DenseMatrix draw(std::uint64_t number) const;

 private:
  /** Waves of one process: standard deviation and correlation from step to step, row waves x column waves. */
  struct Waves {
    std::vector<std::size_t> heights;  ///< row waves that are drawn, by column wave
    DenseMatrix sd;
    DenseMatrix correlation;
    DenseMatrix innovation_sd;            ///< of a step given the one before
    std::vector<DenseMatrix> row_shapes;  ///< even and odd indices, each by the waves
    std::vector<DenseMatrix> column_shapes;
  };

  /** Adds to `coefficients` (row indices x column indices) what a field shows of the amplitudes of its waves. */
  void see(const Waves& waves, const std::vector<DenseMatrix>& amplitudes, DenseMatrix& coefficients) const;

  const PreparedGrid& grid_;
  std::uint64_t seed_;
  std::vector<double> coregionalisation_;
  std::vector<double> noise_variance_;  ///< by group
  std::vector<Waves> waves_;            ///< by process
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "grid/prepared_grid.hpp"
#include "kernels/backend.hpp"
#include "program.hpp"
#include "tramontana/grid.hpp"

namespace tramontana::bench {

/** Fields on a torus at fine cells, cropped and seen as noisy means of coarse cells; lengths in the unit of the cell.
 */
struct GridScenario {
  std::size_t rows, columns, steps, processes, refine;
  double cell, range, range_days, sd, noise, level;
  std::uint64_t seed;

  /** Defaults of a national box of 50 x 70 cells, 5 days, one pollutant. */
  [[nodiscard]] static GridScenario from(const Arguments& arguments);
  /** Further processes have shorter ranges and smaller standard deviations, and weights of .5. */
  [[nodiscard]] std::vector<double> theta() const;
};

/** The fine truth of each process, and the coarse grid that is seen of it. */
struct GridSimulation {
  std::vector<std::vector<DenseMatrix>> truth;  ///< [process][step]
  GridModel model;
};

[[nodiscard]] GridSimulation simulate(const GridScenario& scenario, const Backend& backend);

/** Sums over the fine cells. */
struct MapScores {
  double squares = 0.0;
  double bilinear_squares = 0.0;
  double covered = 0.0;  ///< by the 95 % interval
  double count = 0.0;
};

/** Maps of all processes at all steps at the fine cells against the truth, beside bilinear interpolation of the data.
 */
[[nodiscard]] MapScores score_maps(const GridScenario& scenario, const PreparedGrid& grid,
                                   const GridSimulation& simulation, const std::vector<double>& theta);

}  // namespace tramontana::bench

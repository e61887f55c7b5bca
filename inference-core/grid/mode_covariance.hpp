// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "grid/prepared_grid.hpp"

namespace tramontana {

/** A mode of the rectangle as the index that sees it has it. */
struct VisibleMode {
  std::size_t row_rank = 0;         ///< place among the aliases of the row index
  std::size_t column_rank = 0;      ///< place among those of the column index
  double weight = 0.0;              ///< w_k of both axes
  std::vector<double> variance;     ///< s_jk by process
  std::vector<double> correlation;  ///< rho_jk by process
};

/**
 * The fields as independent cosine modes of the grid's rectangle: what each index of the transform sees of them, at a
 * theta.
 */
class ModeCovariance {
 public:
  /** @param modes_per_cell  aliases of each axis that are kept, r */
  ModeCovariance(const PreparedGrid& grid, std::span<const double> theta, std::size_t modes_per_cell);

  /** The kept modes of an index. */
  [[nodiscard]] std::vector<VisibleMode> modes_at(std::size_t index) const;
  /** Lower triangle of the covariance of the rows at an index: its modes and the noise. */
  void fill(std::span<const VisibleMode> modes, MatrixView covariance) const;
  /** Row r, column k: covariance of the row with mode k of the field v of a process at a step. */
  void cross(std::span<const VisibleMode> modes, std::size_t process, std::size_t step, MatrixView out) const;
  /** Prior variance of a mode of the field v of a process. */
  [[nodiscard]] double prior_variance(const VisibleMode& mode, std::size_t process) const;
  /**
   * Variance of means over rectangles (height, width) of the field v of a process that modes beyond the kept ones add,
   * by the density of modes in frequency: the same everywhere but within a wave of the edges.
   */
  [[nodiscard]] double variance_beyond(std::size_t process, double height, double width) const;

 private:
  const PreparedGrid& grid_;
  std::size_t modes_per_cell_;
  std::vector<double> coregionalisation_;
  std::vector<double> noise_variance_;
  std::vector<std::vector<double>> parameters_;  ///< of the field of each process
};

}  // namespace tramontana

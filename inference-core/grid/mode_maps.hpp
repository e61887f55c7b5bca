// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "grid/cosine_axis.hpp"
#include "kernels/backend.hpp"
#include "tramontana/grid.hpp"

namespace tramontana {

/**
 * Carries coefficients of the rectangle's modes to rectangles of a design, a band of row indices at a time.
 *
 * A mode is (index q, rank) along each axis. Linear maps sum coefficient * phi_k(y) phi_l(x); quadratic ones sum, over
 * pairs of modes that one index sees, coefficient * phi_a phi_b (y) phi_c phi_d (x), where unordered pairs a <= b of
 * each axis stand once.
 */
class ModeMaps {
 public:
  ModeMaps(const CosineAxis& rows, const CosineAxis& columns, std::size_t modes_per_cell,
           const GridIntervals& row_intervals, const GridIntervals& column_intervals, const Backend& backend);

  [[nodiscard]] std::size_t num_ranks() const { return num_ranks_; }
  [[nodiscard]] std::size_t num_pairs() const { return num_ranks_ * (num_ranks_ + 1) / 2; }
  /** Place of the pair (a, b) in either order. */
  [[nodiscard]] static std::size_t pair(std::size_t a, std::size_t b) {
    return a > b ? a * (a + 1) / 2 + b : b * (b + 1) / 2 + a;
  }

  /** Coefficients of a band: row (row index in the band, rank), column (column index, rank); zeros. */
  [[nodiscard]] DenseMatrix linear_band(std::size_t num_rows) const;
  /** The same with pairs for ranks. */
  [[nodiscard]] DenseMatrix quadratic_band(std::size_t num_rows) const;
  /** map (row intervals x column intervals) += the band that starts at `first_row`. */
  void add_linear(std::size_t first_row, const DenseMatrix& band, MatrixView map) const;
  void add_quadratic(std::size_t first_row, const DenseMatrix& band, MatrixView map) const;

 private:
  void add(const DenseMatrix& row_means, const DenseMatrix& column_means, std::size_t first_column,
           const DenseMatrix& band, MatrixView map) const;

  const Backend& backend_;
  std::size_t num_ranks_;
  std::size_t num_columns_;
  DenseMatrix row_means_;  ///< intervals x (index, rank)
  DenseMatrix column_means_;
  DenseMatrix row_products_;  ///< intervals x (index, pair)
  DenseMatrix column_products_;
};

}  // namespace tramontana

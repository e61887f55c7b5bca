// SPDX-License-Identifier: Apache-2.0
#include "grid/mode_maps.hpp"

namespace tramontana {
namespace {

/** Means of the modes of every index, rank by rank; zero for ranks that an index lacks. */
DenseMatrix means_by_rank(const CosineAxis& axis, std::size_t num_ranks, const GridIntervals& intervals) {
  auto result = DenseMatrix::zero(intervals.centres.size(), axis.num_cells() * num_ranks);
  for (std::size_t q = 0; q < axis.num_cells(); ++q) {
    const auto modes = axis.modes_of(q, num_ranks);
    const auto means = axis.means_over(intervals.centres, intervals.width, modes);
    for (std::size_t rank = 0; rank < modes.size(); ++rank) {
      for (std::size_t i = 0; i < intervals.centres.size(); ++i) result(i, q * num_ranks + rank) = means(i, rank);
    }
  }
  return result;
}

DenseMatrix products_by_pair(const DenseMatrix& means, std::size_t num_ranks) {
  const std::size_t num_pairs = num_ranks * (num_ranks + 1) / 2;
  const std::size_t num_indices = means.columns() / num_ranks;
  DenseMatrix result(means.rows(), num_indices * num_pairs);
  for (std::size_t q = 0; q < num_indices; ++q) {
    for (std::size_t a = 0; a < num_ranks; ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        for (std::size_t i = 0; i < means.rows(); ++i) {
          result(i, q * num_pairs + ModeMaps::pair(a, b)) = means(i, q * num_ranks + a) * means(i, q * num_ranks + b);
        }
      }
    }
  }
  return result;
}

}  // namespace

ModeMaps::ModeMaps(const CosineAxis& rows, const CosineAxis& columns, std::size_t modes_per_cell,
                   const GridIntervals& row_intervals, const GridIntervals& column_intervals, const Backend& backend)
    : backend_(backend),
      num_ranks_(modes_per_cell),
      num_columns_(columns.num_cells()),
      row_means_(means_by_rank(rows, modes_per_cell, row_intervals)),
      column_means_(means_by_rank(columns, modes_per_cell, column_intervals)),
      row_products_(products_by_pair(row_means_, modes_per_cell)),
      column_products_(products_by_pair(column_means_, modes_per_cell)) {}

DenseMatrix ModeMaps::linear_band(std::size_t num_rows) const {
  return DenseMatrix::zero(num_rows * num_ranks_, num_columns_ * num_ranks_);
}

DenseMatrix ModeMaps::quadratic_band(std::size_t num_rows) const {
  return DenseMatrix::zero(num_rows * num_pairs(), num_columns_ * num_pairs());
}

void ModeMaps::add_linear(std::size_t first_row, const DenseMatrix& band, MatrixView map) const {
  add(row_means_, column_means_, first_row * num_ranks_, band, map);
}

void ModeMaps::add_quadratic(std::size_t first_row, const DenseMatrix& band, MatrixView map) const {
  add(row_products_, column_products_, first_row * num_pairs(), band, map);
}

void ModeMaps::add(const DenseMatrix& row_means, const DenseMatrix& column_means, std::size_t first_column,
                   const DenseMatrix& band, MatrixView map) const {
  DenseMatrix half(band.rows(), column_means.rows());
  backend_.dense().multiply(Transpose::no, Transpose::yes, 1.0, band.view(), column_means.view(), 0.0, half.view());
  const auto own = row_means.view().block(0, first_column, row_means.rows(), band.rows());
  backend_.dense().multiply(Transpose::no, Transpose::no, 1.0, own, half.view(), 1.0, map);
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "grid/cosine_axis.hpp"
#include "kernels/backend.hpp"

namespace tramontana {

/** From cells to indices, sum_i d_q(i) value_i of both axes; both in the order row + num_rows * column. */
void cells_to_indices(const DenseMatrix& row_shapes, const DenseMatrix& column_shapes, std::span<const double> values,
                      std::span<double> coefficients, const Backend& backend);

/** From indices to cells, sum_q d_q(i) value_q: the inverse where the shapes are those of the axes' transforms. */
void indices_to_cells(const DenseMatrix& row_shapes, const DenseMatrix& column_shapes, std::span<const double> values,
                      std::span<double> cells, const Backend& backend);

/** Entry by entry: shapes that carry variances. */
[[nodiscard]] DenseMatrix squares_of(const DenseMatrix& shapes);

}  // namespace tramontana

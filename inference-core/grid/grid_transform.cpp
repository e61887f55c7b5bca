// SPDX-License-Identifier: Apache-2.0
#include "grid/grid_transform.hpp"

namespace tramontana {
namespace {

void carry(Transpose row_order, Transpose column_order, const DenseMatrix& rows, const DenseMatrix& columns,
           std::span<const double> values, std::span<double> out, const Backend& backend) {
  const std::size_t height = rows.rows();
  const std::size_t width = columns.rows();
  DenseMatrix half(height, width);
  backend.dense().multiply(row_order, Transpose::no, 1.0, rows.view(),
                           ConstMatrixView{values.data(), height, width, height}, 0.0, half.view());
  backend.dense().multiply(Transpose::no, column_order, 1.0, half.view(), columns.view(), 0.0,
                           MatrixView{out.data(), height, width, height});
}

}  // namespace

void cells_to_indices(const DenseMatrix& row_shapes, const DenseMatrix& column_shapes, std::span<const double> values,
                      std::span<double> coefficients, const Backend& backend) {
  carry(Transpose::no, Transpose::yes, row_shapes, column_shapes, values, coefficients, backend);
}

void indices_to_cells(const DenseMatrix& row_shapes, const DenseMatrix& column_shapes, std::span<const double> values,
                      std::span<double> cells, const Backend& backend) {
  carry(Transpose::yes, Transpose::no, row_shapes, column_shapes, values, cells, backend);
}

DenseMatrix squares_of(const DenseMatrix& shapes) {
  DenseMatrix result(shapes.rows(), shapes.columns());
  for (std::size_t i = 0; i < shapes.rows() * shapes.columns(); ++i) {
    result.data()[i] = shapes.data()[i] * shapes.data()[i];
  }
  return result;
}

}  // namespace tramontana

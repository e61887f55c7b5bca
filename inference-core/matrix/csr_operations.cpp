// SPDX-License-Identifier: Apache-2.0
#include "matrix/csr_operations.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace tramontana {
namespace {

/** Builds a CSR matrix row by row from scattered entries, adding duplicates and sorting columns. */
class RowBuilder {
 public:
  RowBuilder(std::int32_t num_rows, std::int32_t num_columns)
      : accumulator_(static_cast<std::size_t>(num_columns), 0.0), used_(static_cast<std::size_t>(num_columns), false) {
    result_.num_rows = num_rows;
    result_.num_columns = num_columns;
    result_.row_pointers.push_back(0);
  }

  void add(std::int32_t column, double value) {
    const auto index = static_cast<std::size_t>(column);
    if (!used_[index]) {
      used_[index] = true;
      columns_.push_back(column);
    }
    accumulator_[index] += value;
  }

  void finish_row() {
    std::sort(columns_.begin(), columns_.end());
    for (const auto column : columns_) {
      const auto index = static_cast<std::size_t>(column);
      result_.column_indices.push_back(column);
      result_.values.push_back(accumulator_[index]);
      accumulator_[index] = 0.0;
      used_[index] = false;
    }
    columns_.clear();
    result_.row_pointers.push_back(static_cast<std::int32_t>(result_.values.size()));
  }

  CsrMatrix take() { return std::move(result_); }

 private:
  CsrMatrix result_;
  std::vector<double> accumulator_;
  std::vector<bool> used_;
  std::vector<std::int32_t> columns_;
};

}  // namespace

CsrMatrix transposed(const CsrMatrix& matrix) {
  CsrMatrix result;
  result.num_rows = matrix.num_columns;
  result.num_columns = matrix.num_rows;
  result.row_pointers.assign(static_cast<std::size_t>(matrix.num_columns) + 1, 0);
  for (const auto column : matrix.column_indices) ++result.row_pointers[static_cast<std::size_t>(column) + 1];
  for (std::size_t i = 1; i < result.row_pointers.size(); ++i) result.row_pointers[i] += result.row_pointers[i - 1];
  result.column_indices.resize(matrix.values.size());
  result.values.resize(matrix.values.size());
  auto next = result.row_pointers;
  for (std::int32_t row = 0; row < matrix.num_rows; ++row) {
    for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
      const auto target = static_cast<std::size_t>(next[static_cast<std::size_t>(matrix.column_indices[p])]++);
      result.column_indices[target] = row;
      result.values[target] = matrix.values[p];
    }
  }
  return result;
}

CsrMatrix row_range(const CsrMatrix& matrix, std::size_t first, std::size_t last) {
  CsrMatrix result;
  result.num_rows = static_cast<std::int32_t>(last - first);
  result.num_columns = matrix.num_columns;
  const auto begin = matrix.row_pointers[first];
  const auto end = matrix.row_pointers[last];
  result.row_pointers.reserve(last - first + 1);
  for (std::size_t row = first; row <= last; ++row) result.row_pointers.push_back(matrix.row_pointers[row] - begin);
  result.column_indices.assign(matrix.column_indices.begin() + begin, matrix.column_indices.begin() + end);
  result.values.assign(matrix.values.begin() + begin, matrix.values.begin() + end);
  return result;
}

CsrMatrix permuted_rows(const CsrMatrix& matrix, std::span<const std::int32_t> order) {
  CsrMatrix result;
  result.num_rows = static_cast<std::int32_t>(order.size());
  result.num_columns = matrix.num_columns;
  result.row_pointers.push_back(0);
  for (const auto row : order) {
    const auto begin = matrix.row_pointers[row];
    const auto end = matrix.row_pointers[row + 1];
    result.column_indices.insert(result.column_indices.end(), matrix.column_indices.begin() + begin,
                                 matrix.column_indices.begin() + end);
    result.values.insert(result.values.end(), matrix.values.begin() + begin, matrix.values.begin() + end);
    result.row_pointers.push_back(static_cast<std::int32_t>(result.values.size()));
  }
  return result;
}

CsrMatrix weighted_normal_matrix(const CsrMatrix& a, std::span<const double> weights) {
  return scaled_product(transposed(a), weights, a);
}

CsrMatrix scaled_product(const CsrMatrix& a, std::span<const double> scale, const CsrMatrix& b) {
  RowBuilder builder(a.num_rows, b.num_columns);
  for (std::int32_t row = 0; row < a.num_rows; ++row) {
    for (auto p = a.row_pointers[row]; p < a.row_pointers[row + 1]; ++p) {
      const auto middle = a.column_indices[p];
      const double factor = a.values[p] * scale[static_cast<std::size_t>(middle)];
      for (auto q = b.row_pointers[middle]; q < b.row_pointers[middle + 1]; ++q) {
        builder.add(b.column_indices[q], factor * b.values[q]);
      }
    }
    builder.finish_row();
  }
  return builder.take();
}

CsrMatrix linear_combination(std::span<const CsrMatrix* const> terms, std::span<const double> coefficients) {
  RowBuilder builder(terms[0]->num_rows, terms[0]->num_columns);
  for (std::int32_t row = 0; row < terms[0]->num_rows; ++row) {
    for (std::size_t term = 0; term < terms.size(); ++term) {
      const auto& matrix = *terms[term];
      for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
        builder.add(matrix.column_indices[p], coefficients[term] * matrix.values[p]);
      }
    }
    builder.finish_row();
  }
  return builder.take();
}

CsrMatrix diagonal_matrix(std::span<const double> values) {
  CsrMatrix result;
  result.num_rows = result.num_columns = static_cast<std::int32_t>(values.size());
  result.values.assign(values.begin(), values.end());
  for (std::int32_t i = 0; i <= result.num_rows; ++i) {
    result.row_pointers.push_back(i);
    if (i < result.num_rows) result.column_indices.push_back(i);
  }
  return result;
}

void add_product(double alpha, const CsrMatrix& matrix, ConstMatrixView dense, MatrixView result) {
  for (std::size_t column = 0; column < dense.columns; ++column) {
    const double* source = dense.column(column);
    double* target = result.column(column);
    for (std::int32_t row = 0; row < matrix.num_rows; ++row) {
      double sum = 0.0;
      for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
        sum += matrix.values[p] * source[matrix.column_indices[p]];
      }
      target[row] += alpha * sum;
    }
  }
}

void add_transposed_product(double alpha, const CsrMatrix& matrix, ConstMatrixView dense, MatrixView result) {
  for (std::size_t column = 0; column < dense.columns; ++column) {
    const double* source = dense.column(column);
    double* target = result.column(column);
    for (std::int32_t row = 0; row < matrix.num_rows; ++row) {
      const double scaled = alpha * source[row];
      for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p) {
        target[matrix.column_indices[p]] += matrix.values[p] * scaled;
      }
    }
  }
}

}  // namespace tramontana

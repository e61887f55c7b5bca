// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>

#include "matrix/block_memory.hpp"

namespace tramontana {

/** Column-major window on memory owned elsewhere. */
template <class Value>
struct BasicMatrixView {
  Value* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t leading = 0;  ///< distance between columns

  [[nodiscard]] Value& operator()(std::size_t row, std::size_t column) const { return data[column * leading + row]; }
  [[nodiscard]] Value* column(std::size_t index) const { return data + index * leading; }
  [[nodiscard]] BasicMatrixView block(std::size_t row, std::size_t column_index, std::size_t num_rows,
                                      std::size_t num_columns) const {
    return {data + column_index * leading + row, num_rows, num_columns, leading};
  }
  operator BasicMatrixView<const Value>() const requires(!std::is_const_v<Value>) {
    return {data, rows, columns, leading};
  }
};

using MatrixView = BasicMatrixView<double>;
using ConstMatrixView = BasicMatrixView<const double>;

/**
 * An owned column-major matrix, 64-byte aligned, not initialised on construction.
 * Symmetric matrices keep their values in the lower triangle only; the upper one is scratch.
 */
class DenseMatrix {
 public:
  DenseMatrix() = default;
  DenseMatrix(std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns), data_(allocate(std::max<std::size_t>(rows * columns, 1))) {}

  DenseMatrix(const DenseMatrix& other) : DenseMatrix(other.rows_, other.columns_) {
    std::copy_n(other.data(), rows_ * columns_, data());
  }
  DenseMatrix& operator=(const DenseMatrix& other) {
    if (this != &other) *this = DenseMatrix(other);
    return *this;
  }
  DenseMatrix(DenseMatrix&&) noexcept = default;
  DenseMatrix& operator=(DenseMatrix&&) noexcept = default;
  ~DenseMatrix() = default;

  static DenseMatrix zero(std::size_t rows, std::size_t columns) {
    DenseMatrix result(rows, columns);
    std::fill_n(result.data(), rows * columns, 0.0);
    return result;
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] bool empty() const { return data_ == nullptr; }
  [[nodiscard]] double* data() { return data_.get(); }
  [[nodiscard]] const double* data() const { return data_.get(); }
  [[nodiscard]] double& operator()(std::size_t row, std::size_t column) { return data_[column * rows_ + row]; }
  [[nodiscard]] double operator()(std::size_t row, std::size_t column) const { return data_[column * rows_ + row]; }
  [[nodiscard]] MatrixView view() { return {data_.get(), rows_, columns_, rows_}; }
  [[nodiscard]] ConstMatrixView view() const { return {data_.get(), rows_, columns_, rows_}; }

 private:
  static std::unique_ptr<double[], BlockRelease> allocate(std::size_t count) {
    return std::unique_ptr<double[], BlockRelease>(allocate_block(count), BlockRelease{count});
  }

  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::unique_ptr<double[], BlockRelease> data_;
};

/** One dense matrix (block_size x num_columns) for each time step, contiguous. */
class BlockVector {
 public:
  BlockVector() = default;
  BlockVector(std::size_t num_blocks, std::size_t block_size, std::size_t num_columns)
      : num_blocks_(num_blocks),
        block_size_(block_size),
        num_columns_(num_columns),
        storage_(DenseMatrix::zero(block_size, num_columns * num_blocks)) {}

  [[nodiscard]] std::size_t num_blocks() const { return num_blocks_; }
  [[nodiscard]] std::size_t block_size() const { return block_size_; }
  [[nodiscard]] std::size_t num_columns() const { return num_columns_; }
  [[nodiscard]] MatrixView block(std::size_t step) {
    return storage_.view().block(0, step * num_columns_, block_size_, num_columns_);
  }
  [[nodiscard]] ConstMatrixView block(std::size_t step) const {
    return storage_.view().block(0, step * num_columns_, block_size_, num_columns_);
  }
  /** All columns of all steps as one matrix with `rows` rows; `rows` divides block_size. */
  [[nodiscard]] MatrixView folded(std::size_t rows) {
    return {storage_.data(), rows, block_size_ / rows * num_columns_ * num_blocks_, rows};
  }
  [[nodiscard]] ConstMatrixView folded(std::size_t rows) const {
    return {storage_.data(), rows, block_size_ / rows * num_columns_ * num_blocks_, rows};
  }

 private:
  std::size_t num_blocks_ = 0;
  std::size_t block_size_ = 0;
  std::size_t num_columns_ = 0;
  DenseMatrix storage_;
};

/** A copy of one column. */
[[nodiscard]] inline DenseMatrix column_of(const DenseMatrix& m, std::size_t column) {
  DenseMatrix result(m.rows(), 1);
  std::copy_n(m.view().column(column), m.rows(), result.data());
  return result;
}

/** A copy of one column of every step. */
[[nodiscard]] inline BlockVector column_of(const BlockVector& x, std::size_t column) {
  BlockVector result(x.num_blocks(), x.block_size(), 1);
  for (std::size_t step = 0; step < x.num_blocks(); ++step) {
    std::copy_n(x.block(step).column(column), x.block_size(), result.block(step).column(0));
  }
  return result;
}

/** Copies the lower triangle of a square matrix to the upper one. */
inline void mirror_lower(MatrixView m) {
  for (std::size_t j = 0; j < m.rows; ++j) {
    for (std::size_t i = j + 1; i < m.rows; ++i) m(j, i) = m(i, j);
  }
}

}  // namespace tramontana

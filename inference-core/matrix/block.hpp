// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace tramontana {

/** Where the memory of blocks comes from and goes back to. It outlives the blocks made of it. */
class BlockStore {
 public:
  virtual ~BlockStore() = default;
  /** Memory for so many numbers, not initialised. @throws std::bad_alloc */
  [[nodiscard]] virtual double* allocate(std::size_t count) = 0;
  /** Takes memory of allocate() back; `count` as then. */
  virtual void release(double* memory, std::size_t count) noexcept = 0;
};

/**
 * Column-major window on a block that lives where its backend computes: in memory of this process, or of a device that
 * it cannot read. There is no way from it to the numbers; backends have one, through BlockAccess.
 */
template <class Value>
class BasicBlockView {
 public:
  BasicBlockView() = default;

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] BasicBlockView block(std::size_t row, std::size_t column, std::size_t num_rows,
                                     std::size_t num_columns) const {
    return {address_ == nullptr ? nullptr : address_ + column * leading_ + row, num_rows, num_columns, leading_};
  }
  operator BasicBlockView<const Value>() const requires(!std::is_const_v<Value>) {
    return {address_, rows_, columns_, leading_};
  }

 private:
  friend class Block;
  friend class BlockAccess;
  template <class Other>
  friend class BasicBlockView;

  BasicBlockView(Value* address, std::size_t rows, std::size_t columns, std::size_t leading)
      : address_(address), rows_(rows), columns_(columns), leading_(leading) {}

  Value* address_ = nullptr;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::size_t leading_ = 0;
};

using BlockView = BasicBlockView<double>;
using ConstBlockView = BasicBlockView<const double>;

/**
 * An owned block, made by the kernels of a backend and returned to its memory. Moved, never copied: a copy is a kernel.
 * Symmetric blocks keep their values in the lower triangle only; the upper one is scratch.
 */
class Block {
 public:
  Block() = default;

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }
  [[nodiscard]] bool empty() const { return memory_ == nullptr; }
  [[nodiscard]] BlockView view() { return {memory_.get(), rows_, columns_, rows_}; }
  [[nodiscard]] ConstBlockView view() const { return {memory_.get(), rows_, columns_, rows_}; }

 private:
  friend class BlockAccess;

  struct Release {
    BlockStore* store;
    std::size_t count;
    void operator()(double* memory) const noexcept { store->release(memory, count); }
  };

  Block(BlockStore& store, std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns), memory_(store.allocate(count(rows, columns)), {&store, count(rows, columns)}) {}

  /** No rows are a block too, and no memory is none. */
  static std::size_t count(std::size_t rows, std::size_t columns) { return rows * columns > 0 ? rows * columns : 1; }

  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::unique_ptr<double[], Release> memory_;
};

/** What a backend makes of a sparse matrix. */
class SparseStorage {
 public:
  virtual ~SparseStorage() = default;
};

/** A sparse matrix where a backend computes; made by its kernels and read by them alone. */
class SparseBlock {
 public:
  SparseBlock() = default;

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t columns() const { return columns_; }

 private:
  friend class BlockAccess;

  SparseBlock(std::unique_ptr<const SparseStorage> storage, std::size_t rows, std::size_t columns)
      : rows_(rows), columns_(columns), storage_(std::move(storage)) {}

  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::unique_ptr<const SparseStorage> storage_;
};

}  // namespace tramontana

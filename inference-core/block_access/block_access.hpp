// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "matrix/block.hpp"

namespace tramontana {

/**
 * The way into blocks, for the rooms of backends alone: only those link to this one. What comes out is an address where
 * the backend computes, which need not be readable by this process.
 */
class BlockAccess {
 public:
  [[nodiscard]] static Block make(BlockStore& store, std::size_t rows, std::size_t columns) {
    return {store, rows, columns};
  }
  [[nodiscard]] static SparseBlock make(std::unique_ptr<const SparseStorage> storage, std::size_t rows,
                                        std::size_t columns) {
    return {std::move(storage), rows, columns};
  }

  template <class Value>
  [[nodiscard]] static Value* address(BasicBlockView<Value> view) {
    return view.address_;
  }
  /** Distance between columns. */
  template <class Value>
  [[nodiscard]] static std::size_t leading(BasicBlockView<Value> view) {
    return view.leading_;
  }
  [[nodiscard]] static const SparseStorage& storage(const SparseBlock& block) { return *block.storage_; }
};

}  // namespace tramontana

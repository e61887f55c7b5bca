// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "block_access/block_access.hpp"
#include "matrix/dense.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/** Blocks of backends that compute on the processor: the memory of host matrices, with their pool (KeepBlocks). */
[[nodiscard]] BlockStore& process_memory();

/** A sparse matrix in memory of this process, row by row and column by column. */
struct ProcessSparse : SparseStorage {
  CsrMatrix matrix;
  CsrMatrix transposed;
};

[[nodiscard]] SparseBlock sparse_in_process(CsrMatrix matrix);
[[nodiscard]] const ProcessSparse& opened(const SparseBlock& block);

/** A block in memory of this process, as the matrix that it is. */
template <class Value>
[[nodiscard]] BasicMatrixView<Value> opened(BasicBlockView<Value> view) {
  return {BlockAccess::address(view), view.rows(), view.columns(), BlockAccess::leading(view)};
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "block_access/process_memory.hpp"

#include <utility>

#include "matrix/block_memory.hpp"
#include "matrix/csr_operations.hpp"

namespace tramontana {
namespace {

class ProcessMemory final : public BlockStore {
 public:
  [[nodiscard]] double* allocate(std::size_t count) override { return allocate_block(count); }
  void release(double* memory, std::size_t count) noexcept override { release_block(memory, count); }
};

}  // namespace

BlockStore& process_memory() {
  static ProcessMemory memory;
  return memory;
}

SparseBlock sparse_in_process(CsrMatrix matrix) {
  auto storage = std::make_unique<ProcessSparse>();
  storage->transposed = transposed(matrix);
  storage->matrix = std::move(matrix);
  const auto rows = static_cast<std::size_t>(storage->matrix.num_rows);
  const auto columns = static_cast<std::size_t>(storage->matrix.num_columns);
  return BlockAccess::make(std::move(storage), rows, columns);
}

const ProcessSparse& opened(const SparseBlock& block) {
  return static_cast<const ProcessSparse&>(BlockAccess::storage(block));
}

}  // namespace tramontana

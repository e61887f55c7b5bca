// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace tramontana {

/** 64-byte aligned memory for `count` doubles, not initialised. */
[[nodiscard]] double* allocate_block(std::size_t count);

/** Returns memory of allocate_block(); `count` as then. */
void release_block(double* memory, std::size_t count) noexcept;

/** Deleter of block memory; remembers its size. */
struct BlockRelease {
  std::size_t count = 0;
  void operator()(double* memory) const noexcept { release_block(memory, count); }
};

/**
 * While one of these is alive, released large blocks are kept for the next request of their size.
 *
 * A fit factorises hundreds of times with blocks of one size. Fresh pages for each of them cost a sixth of its time.
 */
class KeepBlocks {
 public:
  KeepBlocks();
  ~KeepBlocks();
  KeepBlocks(const KeepBlocks&) = delete;
  KeepBlocks& operator=(const KeepBlocks&) = delete;
};

}  // namespace tramontana

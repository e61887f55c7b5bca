// SPDX-License-Identifier: Apache-2.0
#include "matrix/block_memory.hpp"

#include <map>
#include <mutex>
#include <new>
#include <vector>

namespace tramontana {
namespace {

constexpr std::align_val_t alignment{64};
/** Half a megabyte: smaller requests are served without fresh pages anyway. */
constexpr std::size_t smallest_kept = 65536;

struct Shelf {
  std::mutex mutex;
  int num_keepers = 0;
  std::map<std::size_t, std::vector<double*>> blocks;  // by count
};

Shelf& shelf() {
  static Shelf instance;
  return instance;
}

void free_block(double* memory) noexcept { ::operator delete[](memory, alignment); }

}  // namespace

double* allocate_block(std::size_t count) {
  if (count >= smallest_kept) {
    auto& kept = shelf();
    const std::lock_guard lock(kept.mutex);
    if (const auto found = kept.blocks.find(count); found != kept.blocks.end() && !found->second.empty()) {
      double* memory = found->second.back();
      found->second.pop_back();
      return memory;
    }
  }
  return static_cast<double*>(::operator new[](count * sizeof(double), alignment));
}

void release_block(double* memory, std::size_t count) noexcept {
  if (memory != nullptr && count >= smallest_kept) {
    auto& kept = shelf();
    const std::lock_guard lock(kept.mutex);
    if (kept.num_keepers > 0) {
      try {
        kept.blocks[count].push_back(memory);
        return;
      } catch (const std::bad_alloc&) {
        // No room to remember it: it is freed like any other.
      }
    }
  }
  free_block(memory);
}

KeepBlocks::KeepBlocks() {
  auto& kept = shelf();
  const std::lock_guard lock(kept.mutex);
  ++kept.num_keepers;
}

KeepBlocks::~KeepBlocks() {
  auto& kept = shelf();
  const std::lock_guard lock(kept.mutex);
  if (--kept.num_keepers > 0) return;
  for (const auto& [count, blocks] : kept.blocks) {
    for (double* memory : blocks) free_block(memory);
  }
  kept.blocks.clear();
}

}  // namespace tramontana

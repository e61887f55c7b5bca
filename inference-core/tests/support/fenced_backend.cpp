// SPDX-License-Identifier: Apache-2.0
#include "support/fenced_backend.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <new>

#include "block_access/block_access.hpp"

namespace tramontana::testing {
namespace {

/** Of address space; pages are only taken when they are written to. */
constexpr std::size_t capacity_bytes = std::size_t{1} << 30;

}  // namespace

FencedMemory::FencedMemory(std::size_t bytes) : capacity_(bytes / sizeof(double)) {
  void* memory = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  begin_ = static_cast<double*>(memory);
}

FencedMemory::~FencedMemory() { munmap(begin_, capacity_ * sizeof(double)); }

double* FencedMemory::allocate(std::size_t count) {
  const Gate gate(*this);
  const std::lock_guard lock(mutex_);
  double* memory = nullptr;
  if (auto& kept = free_[count]; !kept.empty()) {
    memory = kept.back();
    kept.pop_back();
  } else {
    // Lines of a cache, as of any aligned memory.
    const std::size_t rounded = (count + 7) / 8 * 8;
    if (used_ + rounded > capacity_) throw std::bad_alloc();
    memory = begin_ + used_;
    used_ += rounded;
  }
  std::fill_n(memory, count, std::numeric_limits<double>::quiet_NaN());
  return memory;
}

void FencedMemory::release(double* memory, std::size_t count) noexcept {
  const std::lock_guard lock(mutex_);
  // Memory that cannot be remembered is lost to the tests, no more.
  try {
    free_[count].push_back(memory);
  } catch (const std::bad_alloc&) {
  }
}

void FencedMemory::move_gate(int change) {
  const std::lock_guard lock(mutex_);
  const bool was_open = num_open_ > 0;
  num_open_ += change;
  if (was_open == (num_open_ > 0)) return;
  const int access = num_open_ > 0 ? PROT_READ | PROT_WRITE : PROT_NONE;
  // All of it: what an allocation within the gate adds lies beyond what was used when it opened.
  if (mprotect(begin_, capacity_ * sizeof(double), access) != 0) throw std::bad_alloc();
}

FencedBackend::Kernels::Kernels(const BlockKernels& inner) : ObservedKernels(inner), memory_(capacity_bytes) {}

Block FencedBackend::Kernels::allocate(std::size_t rows, std::size_t columns) const {
  return BlockAccess::make(memory_, rows, columns);
}

void FencedBackend::Kernels::around(std::string_view kernel, const std::function<void()>& call) const {
  ++calls[std::string(kernel)];
  const FencedMemory::Gate gate(memory_);
  call();
}

int FencedBackend::num_calls(const std::string& kernel) const {
  const auto found = kernels_.calls.find(kernel);
  return found == kernels_.calls.end() ? 0 : found->second;
}

void FencedBackend::reset_calls() { kernels_.calls.clear(); }

}  // namespace tramontana::testing

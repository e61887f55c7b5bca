// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <new>

#include "state.hpp"

namespace cuda_stand_in {
namespace {

/** Where addresses of a card begin. */
constexpr std::size_t alignment = 256;

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

void fill_with_nan(char* from, std::size_t bytes) {
  std::fill_n(reinterpret_cast<double*>(from), bytes / sizeof(double), std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

DeviceMemory& DeviceMemory::instance() {
  static DeviceMemory memory;
  return memory;
}

void* DeviceMemory::allocate(std::size_t bytes) {
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  if (rounded > capacity - std::min(capacity, bytes_in_use_)) return nullptr;
  const std::size_t payload = (rounded + page_bytes() - 1) / page_bytes() * page_bytes();
  const std::size_t mapped = payload + page_bytes();
  void* mapping = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return nullptr;
  auto* begin = static_cast<char*>(mapping);
  fill_with_nan(begin, payload);
  // It ends where the guard page begins, but for what alignment asks.
  char* address = begin + payload - rounded;
  mprotect(begin + payload, page_bytes(), PROT_NONE);
  if (!is_open_) mprotect(begin, payload, PROT_NONE);
  pieces_.push_back({begin, mapped, address, rounded});
  bytes_in_use_ += rounded;
  return address;
}

bool DeviceMemory::release(void* address) {
  const auto found =
      std::find_if(pieces_.begin(), pieces_.end(), [&](const Piece& piece) { return piece.address == address; });
  if (found == pieces_.end()) return false;
  munmap(found->mapping, found->mapped);
  bytes_in_use_ -= found->bytes;
  pieces_.erase(found);
  return true;
}

void DeviceMemory::open() {
  is_open_ = true;
  for (const auto& piece : pieces_) mprotect(piece.mapping, piece.mapped - page_bytes(), PROT_READ | PROT_WRITE);
}

void DeviceMemory::close() {
  is_open_ = false;
  for (const auto& piece : pieces_) mprotect(piece.mapping, piece.mapped - page_bytes(), PROT_NONE);
}

bool DeviceMemory::holds(const void* address, std::size_t bytes) const {
  const auto* from = static_cast<const char*>(address);
  return std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
    return from >= piece.address && from + bytes <= piece.address + piece.bytes;
  });
}

PinnedMemory& PinnedMemory::instance() {
  static PinnedMemory memory;
  return memory;
}

void* PinnedMemory::allocate(std::size_t bytes) {
  const std::size_t count = (bytes + sizeof(double) - 1) / sizeof(double);
  auto piece = std::make_unique<double[]>(count);
  std::fill_n(piece.get(), count, std::numeric_limits<double>::quiet_NaN());
  pieces_.emplace_back(std::move(piece), bytes);
  return pieces_.back().first.get();
}

bool PinnedMemory::release(void* address) {
  const auto found =
      std::find_if(pieces_.begin(), pieces_.end(), [&](const auto& piece) { return piece.first.get() == address; });
  if (found == pieces_.end()) return false;
  pieces_.erase(found);
  return true;
}

bool PinnedMemory::holds(const void* address, std::size_t bytes) const {
  const auto* from = static_cast<const char*>(address);
  return std::any_of(pieces_.begin(), pieces_.end(), [&](const auto& piece) {
    const auto* begin = reinterpret_cast<const char*>(piece.first.get());
    return from >= begin && from + bytes <= begin + piece.second;
  });
}

}  // namespace cuda_stand_in

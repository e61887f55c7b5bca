// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

#include "cuda_runtime.h"
#include "stand_in.hpp"

namespace cuda_stand_in {

struct Event {
  std::size_t recorded = 0;  ///< records that were queued
  std::size_t reached = 0;   ///< records that have run
};

/** Something that a stream does; it waits while it may not begin. */
struct Operation {
  std::function<bool()> may_begin;  ///< null: at once
  std::function<void()> run;
};

struct Stream {
  std::deque<Operation> queue;
};

/** Everything that the stand-in knows; call with its lock held. */
class State {
 public:
  static State& instance();

  std::recursive_mutex lock;
  std::mt19937_64 random{1};
  Counts counts;
  cudaError_t error = cudaSuccess;
  std::string fault;
  int device_count = 1;

  /** Sets an error unless there is one. @return it */
  cudaError_t fail(cudaError_t code, std::string what);
  [[nodiscard]] std::size_t random_below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
  }

  Stream* add_stream();
  void remove(Stream* stream);
  [[nodiscard]] bool has(const Stream* stream) const;
  Stream& or_default(Stream* stream) { return stream == nullptr ? *default_stream_ : *stream; }

  /** Runs operations of all streams in a random order that their events allow, until the condition holds. */
  void run_until(const std::function<bool()>& holds);
  void run_all();

 private:
  State();
  std::vector<std::unique_ptr<Stream>> streams_;
  Stream* default_stream_;
};

/** Runs all blocks of a grid. @throws std::string in words where one is stuck */
void run_grid(State& state, dim3 grid, dim3 block, std::size_t shared_bytes, const std::function<void()>& thread);

/** Memory of the device, which the host cannot reach while it is closed. */
class DeviceMemory {
 public:
  static DeviceMemory& instance();
  [[nodiscard]] void* allocate(std::size_t bytes);
  /** @return false where it is none of ours */
  bool release(void* address);
  void open();
  void close();
  [[nodiscard]] bool holds(const void* address, std::size_t bytes) const;
  [[nodiscard]] std::size_t bytes_in_use() const { return bytes_in_use_; }
  std::size_t capacity = std::size_t{8} << 30;

 private:
  struct Piece {
    char* mapping;
    std::size_t mapped;
    char* address;
    std::size_t bytes;
  };
  std::vector<Piece> pieces_;
  std::size_t bytes_in_use_ = 0;
  bool is_open_ = false;
};

/** Memory of the host that copies may run beside. */
class PinnedMemory {
 public:
  static PinnedMemory& instance();
  [[nodiscard]] void* allocate(std::size_t bytes);
  bool release(void* address);
  [[nodiscard]] bool holds(const void* address, std::size_t bytes) const;

 private:
  std::vector<std::pair<std::unique_ptr<double[]>, std::size_t>> pieces_;
};

}  // namespace cuda_stand_in

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace tramontana::host {

/**
 * The number of threads of the BLAS library, which is one number for the whole process, shared among callers that want
 * different ones. Calls with one thread run side by side; a call with several has the library to itself, for its
 * threads wait for each other by spinning, and those of four callers were measured to take 40 times as long as one
 * after the other. So the number that a call runs with is the one that it asked for, whatever other computations of the
 * process do: sums are split by it, and their last bits depend on it.
 */
class LibraryThreads {
 public:
  static LibraryThreads& instance();

  /** The number that the library chose when it was loaded. */
  [[nodiscard]] int found() const { return found_; }
  /** From here to leave() the library runs with `wanted` threads. Not to be nested. */
  void enter(int wanted);
  void leave();

 private:
  LibraryThreads();
  [[nodiscard]] bool try_enter(int wanted);

  const int found_;
  /** Callers inside, the number of threads, and whether newcomers queue. */
  std::atomic<std::uint64_t> state_;
  std::mutex mutex_;
  std::condition_variable has_emptied_;
};

}  // namespace tramontana::host

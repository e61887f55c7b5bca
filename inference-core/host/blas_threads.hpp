// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>

namespace tramontana::host {

/** Threads that large operations may use. */
void set_max_threads(int num_threads);

/** The present choice stays that of the calling thread, whatever set_max_threads() says later. */
void fix_max_threads();

/**
 * Encloses one call of BLAS or LAPACK and sets its threads, by its size alone: never by what else the process does, so
 * that equal calls give equal bits.
 *
 * The threads of one BLAS call wait for each other by spinning. That is cheap on idle cores and ruinous on busy ones,
 * where every wait can cost a time slice: fits of small models were measured 100 times slower on a machine with a load
 * of 15. Calls too short to gain from a second thread therefore stay on one. After a call the threads of the library go
 * on spinning for some 25 ms, in the way of our own: where pairs are run, every call stays on one thread, and large
 * ones are cut in two by the caller (is_for_pair()).
 */
class LibraryCall {
 public:
  explicit LibraryCall(double flops);
  /** For calls of LAPACK that cannot be cut in two: all threads, also where pairs are run. */
  [[nodiscard]] static LibraryCall with_all_threads();
  ~LibraryCall();
  LibraryCall(const LibraryCall&) = delete;
  LibraryCall& operator=(const LibraryCall&) = delete;

 private:
  enum class Whole { yes };
  explicit LibraryCall(Whole);
};

/** Threads that a call of so many flops has. */
[[nodiscard]] int library_threads(double flops);

/** Where to cut so many rows or columns in two: at a multiple of 8, so that halves stay aligned. */
[[nodiscard]] inline std::size_t half_of(std::size_t count) { return std::min(count, (count / 2 + 7) / 8 * 8); }

/**
 * Runs independent tasks. When there are about as many tasks as threads, each gets a thread of its own with sequential
 * BLAS, which needs no synchronisation inside; otherwise they run one after the other, each with all threads. Where the
 * threads are taken or cannot be had, the former run one after the other, too, and compute the same bits.
 */
void run_independent(std::span<const std::function<void()>> tasks, double flops_each);

/**
 * True when work of so many flops is to be cut in two for run_pair(): two or three threads allowed, no task around it,
 * and halves long enough to be worth a second thread. It does not depend on what the machine does, so that results do
 * not either.
 */
[[nodiscard]] bool is_for_pair(double flops);

/** Brief pairs, of less than a millisecond, stay on one thread while other work keeps the processors. */
enum class PairLength { brief, lengthy };

/**
 * Runs two tasks, one of them on a companion thread that waits between calls: a microsecond or two, so that
 * tasks of some ten microseconds gain from it. Both use sequential BLAS. Where pairs are not allowed, or the companion
 * is with another caller, they run one after the other.
 */
void run_pair(const std::function<void()>& first, const std::function<void()>& second,
              PairLength length = PairLength::brief);

}  // namespace tramontana::host

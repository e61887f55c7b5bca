// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tramontana::bench {

/**
 * The clock of all measurements: wall time, or the processor time of this process. With one thread that neither waits
 * nor reads files the two agree on a quiet machine, and processor time tells the same on a busy one.
 */
enum class Clock { wall, processor };
void set_clock(Clock clock);

/** Reading of that clock. */
[[nodiscard]] double now_seconds();

/** Processor seconds of all threads of this process so far; threads that wait by spinning count. */
[[nodiscard]] double processor_seconds();

/** Threads of BLAS for code that calls it directly; the engine is not to be used after it. */
void set_library_threads(int num_threads);

/** Name, version and kernel family of the BLAS in use. */
[[nodiscard]] std::string blas_name();

/** Flops per second of dgemm on square matrices of order 1,200: the best of some products. */
[[nodiscard]] double dgemm_flops_per_second(int num_threads, int num_products);

/** Largest resident set of this process so far. [bytes] */
[[nodiscard]] double peak_bytes();

/** Runs it once. [seconds] */
[[nodiscard]] double seconds_of(const std::function<void()>& call);

/** The shortest of several calls: at least `at_least`, more as long as they take less than a second together. */
[[nodiscard]] double best_seconds(int at_least, const std::function<void()>& call);

/** Of one value or more; the mean of the middle two where their number is even. */
[[nodiscard]] double median(std::vector<double> values);

/** Largest difference of two vectors, relative to the largest entry of `b`. */
[[nodiscard]] double relative_difference(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace tramontana::bench

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace tramontana::bench {

/** Threads of BLAS for code that calls it directly. */
void set_library_threads(int num_threads);

/** Name, version and kernel family of the BLAS in use. */
[[nodiscard]] std::string blas_name();

/** Flops per second of dgemm on square matrices of order 1,200: the best of a few products, all threads. */
[[nodiscard]] double dgemm_flops_per_second(int num_threads);

/** Largest resident set of this process so far. [bytes] */
[[nodiscard]] double peak_bytes();

/** Shortest of several calls: at least `at_least`, more as long as they take less than a second together. [seconds] */
[[nodiscard]] double best_seconds(int at_least, const std::function<void()>& call, int* num_calls = nullptr);

/** Value of `--name value` or `fallback`. @throws InvalidModel when it is not a number */
[[nodiscard]] double number_option(int count, const char* const* arguments, const std::string& name, double fallback);

}  // namespace tramontana::bench

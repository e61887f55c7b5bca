// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace tramontana::bench {

/** Threads of BLAS for code that calls it directly. */
void set_library_threads(int num_threads);

/** Name, version and kernel family of the BLAS in use. */
[[nodiscard]] std::string blas_name();

/** Flops per second of dgemm on square matrices of order 1,200: the best of some products. */
[[nodiscard]] double dgemm_flops_per_second(int num_threads, int num_products);

/** Largest resident set of this process so far. [bytes] */
[[nodiscard]] double peak_bytes();

/** What a call took. */
struct Cost {
  double seconds = 0.0;      ///< wall
  double cpu_seconds = 0.0;  ///< of all threads, waiting ones that spin included
};

/** Runs it once. */
[[nodiscard]] Cost cost_of(const std::function<void()>& call);

/** The smallest of several calls: at least `at_least`, more as long as they take less than a second together. */
[[nodiscard]] Cost best_cost(int at_least, const std::function<void()>& call, int* num_calls = nullptr);

/** Value of `--name value` or `fallback`. @throws InvalidModel when it is not a number */
[[nodiscard]] double number_option(int count, const char* const* arguments, const std::string& name, double fallback);

}  // namespace tramontana::bench

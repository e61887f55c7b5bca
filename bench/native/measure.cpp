// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <cblas.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <vector>

#include "timed_backend.hpp"
#include "tramontana/errors.hpp"

namespace tramontana::bench {

void set_library_threads(int num_threads) { openblas_set_num_threads(num_threads); }

std::string blas_name() { return openblas_get_config(); }

double dgemm_flops_per_second(int num_threads, int num_products) {
  constexpr int order = 1200;
  set_library_threads(num_threads);
  std::vector<double> a(static_cast<std::size_t>(order) * order, 0.5);
  std::vector<double> c(a.size(), 0.0);
  double best = 0.0;
  for (int product = 0; product < num_products; ++product) {
    const auto cost = cost_of([&] {
      cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, order, order, order, 1.0, a.data(), order, a.data(), order,
                  0.0, c.data(), order);
    });
    best = std::max(best, 2.0 * order * order * order / cost.seconds);
  }
  return best;
}

double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

Cost cost_of(const std::function<void()>& call) {
  const double start = now_seconds();
  const std::clock_t cpu_start = std::clock();
  call();
  return {now_seconds() - start, static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC};
}

Cost best_cost(int at_least, const std::function<void()>& call, int* num_calls) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Cost best{infinity, infinity};
  double total = 0.0;
  int calls = 0;
  while (calls < at_least || (total < 1.0 && calls < 20)) {
    const auto cost = cost_of(call);
    best.seconds = std::min(best.seconds, cost.seconds);
    best.cpu_seconds = std::min(best.cpu_seconds, cost.cpu_seconds);
    total += cost.seconds;
    ++calls;
  }
  if (num_calls != nullptr) *num_calls = calls;
  return best;
}

double number_option(int count, const char* const* arguments, const std::string& name, double fallback) {
  for (int i = 1; i + 1 < count; ++i) {
    if (name != arguments[i]) continue;
    char* end = nullptr;
    const double value = std::strtod(arguments[i + 1], &end);
    if (end == arguments[i + 1] || *end != '\0') {
      throw InvalidModel("The option " + name + " must be a number, found \"" + arguments[i + 1] + "\".");
    }
    return value;
  }
  return fallback;
}

}  // namespace tramontana::bench

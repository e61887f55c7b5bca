// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <cblas.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <vector>

#include "timed_backend.hpp"
#include "tramontana/errors.hpp"

namespace tramontana::bench {

void set_library_threads(int num_threads) { openblas_set_num_threads(num_threads); }

std::string blas_name() { return openblas_get_config(); }

double dgemm_flops_per_second(int num_threads) {
  constexpr int order = 1200;
  set_library_threads(num_threads);
  std::vector<double> a(static_cast<std::size_t>(order) * order, 0.5);
  std::vector<double> c(a.size(), 0.0);
  const double seconds = best_seconds(5, [&] {
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, order, order, order, 1.0, a.data(), order, a.data(), order,
                0.0, c.data(), order);
  });
  return 2.0 * order * order * order / seconds;
}

double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

double best_seconds(int at_least, const std::function<void()>& call, int* num_calls) {
  double best = std::numeric_limits<double>::infinity();
  double total = 0.0;
  int calls = 0;
  while (calls < at_least || (total < 1.0 && calls < 20)) {
    const double start = now_seconds();
    call();
    const double seconds = now_seconds() - start;
    best = std::min(best, seconds);
    total += seconds;
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

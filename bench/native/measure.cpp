// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <cblas.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <thread>
#include <vector>

#include "tramontana/errors.hpp"

namespace tramontana::bench {

namespace {
Clock measuring_clock = Clock::wall;
/** OpenBLAS spins for 2^26 ticks of the clock, 20 to 30 ms. */
constexpr std::chrono::milliseconds library_spinning{60};
}  // namespace

void set_clock(Clock clock) { measuring_clock = clock; }

double now_seconds() {
  if (measuring_clock == Clock::processor) return processor_seconds();
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double processor_seconds() {
  std::timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

void set_library_threads(int num_threads) { openblas_set_num_threads(num_threads); }

std::string blas_name() { return openblas_get_config(); }

double dgemm_flops_per_second(int num_threads, int num_products) {
  constexpr int order = 1200;
  // The engine keeps account of the number, and finds it as it left it.
  const int before = openblas_get_num_threads();
  set_library_threads(num_threads);
  std::vector<double> a(static_cast<std::size_t>(order) * order, 0.5);
  std::vector<double> c(a.size(), 0.0);
  double best = 0.0;
  for (int product = 0; product < num_products; ++product) {
    const double seconds = seconds_of([&] {
      cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, order, order, order, 1.0, a.data(), order, a.data(), order,
                  0.0, c.data(), order);
    });
    best = std::max(best, 2.0 * order * order * order / seconds);
  }
  // The library's own threads go on looking for work after a call, and would disturb what is measured next.
  if (num_threads > 1) std::this_thread::sleep_for(library_spinning);
  set_library_threads(before);
  return best;
}

double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

double seconds_of(const std::function<void()>& call) {
  const double start = now_seconds();
  call();
  return now_seconds() - start;
}

double best_seconds(int at_least, const std::function<void()>& call) {
  double best = std::numeric_limits<double>::infinity();
  double total = 0.0;
  for (int calls = 0; calls < at_least || (total < 1.0 && calls < 20); ++calls) {
    const double seconds = seconds_of(call);
    best = std::min(best, seconds);
    total += seconds;
  }
  return best;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : 0.5 * (values[middle - 1] + values[middle]);
}

double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0.0;
  double scale = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]));
    scale = std::max(scale, std::abs(b[i]));
  }
  return largest / scale;
}

}  // namespace tramontana::bench

// SPDX-License-Identifier: Apache-2.0
#include "host/blas_threads.hpp"

#include <cblas.h>

#include <algorithm>
#include <atomic>

namespace tramontana::host {
namespace {

/** About a millisecond of work for one core, a few dozen times what starting a second thread costs. */
constexpr double smallest_shared_flops = 3e7;

std::atomic<int> max_threads{0};

}  // namespace

void set_max_threads(int num_threads) { max_threads.store(num_threads); }

void use_threads_for(double flops) {
  int allowed = max_threads.load();
  if (allowed == 0) {
    // Nobody chose: what the library found when it was loaded.
    allowed = std::max(1, openblas_get_num_threads());
    max_threads.store(allowed);
  }
  const int wanted = flops < smallest_shared_flops ? 1 : allowed;
  if (openblas_get_num_threads() != wanted) openblas_set_num_threads(wanted);
}

}  // namespace tramontana::host

// SPDX-License-Identifier: Apache-2.0
#include "host/host_backend.hpp"

#include <string>

#include "host/blas_threads.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {

void HostBackend::Runner::run_independent(std::span<const std::function<void()>> tasks, double flops_each) const {
  host::run_independent(tasks, flops_each);
}

void set_blas_threads(int num_threads) {
  if (num_threads < 1 || num_threads > 1024) {
    throw InvalidModel("The number of threads must be in 1..1024, found " + std::to_string(num_threads) + ".",
                       {{"numThreads", static_cast<std::int64_t>(num_threads)}});
  }
  host::set_max_threads(num_threads);
}

void fix_blas_threads() { host::fix_max_threads(); }

}  // namespace tramontana

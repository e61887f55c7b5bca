// SPDX-License-Identifier: Apache-2.0
#include "kernels/kernel_rates.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>

#include "kernels/backend.hpp"
#include "matrix/dense.hpp"

namespace tramontana {
namespace {

using Clock = std::chrono::steady_clock;

/** At least so many runs: the first one brings memory and threads in. */
constexpr int fewest_runs = 3;
/** Small orders are run again until this is over, in seconds. */
constexpr double least_duration = 0.05;

/** Seconds of the quickest run. */
double quickest(const std::function<void()>& prepare, const std::function<void()>& run) {
  double best = HUGE_VAL;
  double sum = 0.0;
  for (int count = 0; count < fewest_runs || sum < least_duration; ++count) {
    prepare();
    const auto start = Clock::now();
    run();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    best = std::min(best, seconds);
    // A clock that stands still must not keep the loop alive.
    sum += std::max(seconds, 1e-6);
  }
  return std::max(best, 1e-9);
}

/** Well conditioned, and no two rows alike. */
DenseMatrix positive_definite(std::size_t order) {
  DenseMatrix matrix(order, order);
  for (std::size_t j = 0; j < order; ++j) {
    for (std::size_t i = 0; i < order; ++i) {
      const auto distance = static_cast<double>(i > j ? i - j : j - i);
      matrix(i, j) = std::exp(-distance) + (i == j ? 1.0 : 0.0);
    }
  }
  return matrix;
}

}  // namespace

KernelRates measure_kernel_rates(const Backend& backend, std::size_t order) {
  const auto& blocks = backend.blocks();
  auto given = blocks.allocate(order, order);
  blocks.upload(positive_definite(order).view(), given.view());
  auto work = blocks.allocate(order, order);
  auto product = blocks.allocate(order, order);
  const double cubed = std::pow(static_cast<double>(order), 3);
  KernelRates rates;
  rates.inversion = cubed / quickest([&] { blocks.copy(given.view(), work.view()); },
                                     [&] { static_cast<void>(blocks.invert_positive_definite(work.view())); });
  rates.multiply =
      2.0 * cubed /
      quickest([] {},
               [&] {
                 blocks.multiply(Transpose::no, Transpose::no, 1.0, given.view(), given.view(), 0.0, product.view());
                 // Numbers of the product are there when it is done, wherever that is.
                 static_cast<void>(blocks.diagonal(product.view()));
               });
  return rates;
}

}  // namespace tramontana

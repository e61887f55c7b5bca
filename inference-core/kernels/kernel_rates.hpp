// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace tramontana {

class Backend;

/** Flops a second that the kernels of a backend reach, with the threads that they have. */
struct KernelRates {
  double multiply = 0.0;   ///< of 2 n^3 a product
  double inversion = 0.0;  ///< of n^3 an inversion
};

/**
 * Measures the kernels that factorisations spend their time in, on matrices of an order: the best of a few runs, for
 * what disturbs a run only makes it slower.
 *
 * @param order  1 or more; costs about 12 order^3 flops, or a tenth of a second where that is less
 */
[[nodiscard]] KernelRates measure_kernel_rates(const Backend& backend, std::size_t order);

}  // namespace tramontana

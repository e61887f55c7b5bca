// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/backend.hpp"
#include "matrix/dense.hpp"

namespace tramontana {

/** result += a' b, summed over the steps. */
inline void add_inner_products(const Backend& backend, const BlockVector& a, const BlockVector& b,
                               DenseMatrix& result) {
  for (std::size_t step = 0; step < a.num_blocks(); ++step) {
    backend.dense().multiply(Transpose::yes, Transpose::no, 1.0, a.block(step), b.block(step), 1.0, result.view());
  }
}

}  // namespace tramontana

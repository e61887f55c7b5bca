// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "kernels/inversion_outcome.hpp"
#include "matrix/dense.hpp"

namespace tramontana::host {

/**
 * Largest order that the functions below take: their local copies stay within the second level of any cache. Up to it
 * they are quicker than calls of the library on halves; measured flat between 80 and 112.
 */
inline constexpr std::size_t small_order = 96;

/**
 * a <- L^-1 where a = L L', lower triangles, for orders up to small_order; 2/3 n^3 flops.
 *
 * Works on tiles of 8 x 8 that stay in registers while products are summed: at order 64-96 three to five times the rate
 * of potrf and trtri of the usual libraries.
 *
 * @return the pivot that was not positive; `a` is then undefined
 */
[[nodiscard]] std::optional<PivotFailure> invert_small_factor(MatrixView a);

/** Lower triangle of x <- x' x for lower triangular x of order up to small_order; n^3/3 flops. */
void square_small_factor(MatrixView x);

}  // namespace tramontana::host

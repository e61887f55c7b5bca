// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/inversion_outcome.hpp"
#include "matrix/dense.hpp"

namespace tramontana::host {

/**
 * In-place inverse of a symmetric positive definite matrix by recursive halving.
 *
 * potrf and potri of the usual libraries run at 40-50 % of the dgemm rate at order 1,000-2,000. Here both recursions,
 * A -> X = L^-1 and X -> X'X = A^-1, are halved down to small blocks, so that almost all of the n^3 flops are in trmm
 * and syrk on large blocks. Diagonal blocks enter through their triangular inverses, whose error grows with
 * sqrt(cond(A)), as that of L itself.
 */
[[nodiscard]] InversionOutcome invert_by_halving(MatrixView a);

}  // namespace tramontana::host

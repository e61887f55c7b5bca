// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "matrix/dense.hpp"

namespace tramontana {

/**
 * Cholesky factor of a small symmetric matrix (lower triangle read), plain loops.
 *
 * @return L, upper triangle zero
 * @throws NotPositiveDefinite naming `what`
 */
[[nodiscard]] DenseMatrix small_cholesky(const DenseMatrix& a, const char* what);

/** Inverse of a lower triangular matrix. */
[[nodiscard]] DenseMatrix small_triangular_inverse(const DenseMatrix& lower);

/** a' b, or a b. */
[[nodiscard]] DenseMatrix small_product(const DenseMatrix& a, bool transpose_a, const DenseMatrix& b);

}  // namespace tramontana

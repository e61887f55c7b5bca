// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "matrix/dense.hpp"

namespace tramontana::host {

/** Most columns of a right-hand side for which symmetric_multiply_narrow() is quicker than symm. */
inline constexpr std::size_t narrow_columns = 8;

/**
 * c = alpha a b + beta c with symmetric `a` (lower triangle) and few columns: reads each entry of `a` once, where symm
 * first copies the whole matrix into panels.
 */
void symmetric_multiply_narrow(double alpha, ConstMatrixView a, ConstMatrixView b, double beta, MatrixView c);

/** Lower triangle of out += alpha diag(scale) m diag(scale). */
void add_scaled_congruence(double alpha, std::span<const double> scale, ConstMatrixView m, MatrixView out);

/** out_i += sum_j x_ij y_ij w_j for symmetric x and y (lower triangles). */
void add_diagonal_of_product(ConstMatrixView x, std::span<const double> w, ConstMatrixView y, std::span<double> out);

}  // namespace tramontana::host

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "matrix/dense.hpp"

namespace tramontana::host {

/** Most columns of a right-hand side for which symmetric_multiply_narrow() is quicker than symm of one thread. */
inline constexpr std::size_t narrow_columns = 24;
/** And than symm of as many threads as there are. */
inline constexpr std::size_t narrowest_columns = 8;

/**
 * c = alpha a b + beta c with symmetric `a` (lower triangle) and few columns: reads each entry of `a` once, where symm
 * first copies the whole matrix into panels. It is a sum of two halves, which a pair of threads computes where there is
 * one; the same bits on any number of threads.
 */
void symmetric_multiply_narrow(double alpha, ConstMatrixView a, ConstMatrixView b, double beta, MatrixView c);

}  // namespace tramontana::host

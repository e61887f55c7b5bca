// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "grid/prepared_grid.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/** Of each value of the data, [rows] for each cell = row + num_rows * column: what the model says of it. */
struct ValuePrecisions {
  DenseMatrix pull;       ///< (P y)_i
  DenseMatrix precision;  ///< P_ii
};

/**
 * P y and the diagonal of P, the precision of all values with the expected covariance given theta, fixed effects
 * integrated out:
 *
 *     P = K - W B^-1 W',   K = D' diag(C_q^-1) D,   W = K X,   B = P_beta + X' K X,
 *
 * with D the transform: K_ii is a product of the squares of its entries. Given all other values, value i has the mean
 * y_i - (P y)_i / P_ii and the variance 1 / P_ii.
 *
 * Cost: an evaluation, and for each row products of the axes for 2 + fixed effects maps.
 *
 * @throws NotPositiveDefinite, Interrupted
 */
[[nodiscard]] ValuePrecisions value_precisions(const PreparedGrid& grid, std::span<const double> theta,
                                               const CancellationToken* cancellation);

}  // namespace tramontana

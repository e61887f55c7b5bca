// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "grid/prepared_grid.hpp"

namespace tramontana {

/** C_q^-1 and what it makes of the data and the covariates at one index. */
struct IndexSolution {
  DenseMatrix inverse;  ///< lower triangle
  double log_determinant = 0.0;
  DenseMatrix columns;    ///< [z X]
  DenseMatrix solutions;  ///< C^-1 [z X]
};

/**
 * Inverts the covariance of an index and applies it.
 *
 * @param covariance  lower triangle of C_q
 * @throws NotPositiveDefinite naming the index, with theta
 */
[[nodiscard]] IndexSolution solve_index(const PreparedGrid& grid, std::size_t index, DenseMatrix covariance,
                                        std::span<const double> theta);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "grid/effects_posterior.hpp"
#include "grid/prepared_grid.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/** A value of the data: a row of the prepared grid at a cell = row + num_rows * column. */
struct ValuePlace {
  std::size_t row = 0;
  std::size_t cell = 0;
};

/** Fills the lower triangle of the covariance of the rows at an index. */
using FillIndexCovariance = std::function<void(std::size_t, MatrixView)>;

/**
 * P = K - W B^-1 W', the precision of all values of a grid given theta, fixed effects integrated out, as an operator on
 * values [rows] for each cell = row + num_rows * column; see value_precisions() for its diagonal.
 *
 * Memory: cells times rows squared.
 */
class ValuePrecisionOperator {
 public:
  /** @throws NotPositiveDefinite, Interrupted */
  ValuePrecisionOperator(const PreparedGrid& grid, std::span<const double> theta, const FillIndexCovariance& fill,
                         const CancellationToken* cancellation);

  /** Cells x rows. */
  [[nodiscard]] DenseMatrix apply(const DenseMatrix& values) const;
  /** Draws from the prior predictive distribution, whose precision is P. Cost: an eigen-decomposition an index. */
  [[nodiscard]] std::vector<DenseMatrix> draw(std::uint64_t seed, std::size_t count) const;
  /** P of some values alone, dense: a column and a product with P for each. */
  [[nodiscard]] DenseMatrix among(std::span<const ValuePlace> places) const;
  /** Diagonal of K, an upper bound of that of P: cells x rows. */
  [[nodiscard]] DenseMatrix diagonal() const;

 private:
  [[nodiscard]] DenseMatrix to_indices(const DenseMatrix& values) const;
  [[nodiscard]] DenseMatrix to_cells(const DenseMatrix& coefficients) const;

  const PreparedGrid& grid_;
  const CancellationToken* cancellation_;
  std::vector<DenseMatrix> inverses_;  ///< C_q^-1, both triangles
  DenseMatrix effects_solutions_;      ///< W_q, one index beside the other
  EffectsPosterior effects_;
};

}  // namespace tramontana

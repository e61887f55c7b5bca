// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "grid/value_precision_operator.hpp"
#include "grid/value_precisions.hpp"
#include "tramontana/grid.hpp"

namespace tramontana {

/** A value that is missing. */
struct MissingValue : ValuePlace {
  std::size_t group = 0;
  std::size_t place = 0;  ///< in the group's y
};

/** Which covariance of the coefficients fills the gaps. */
enum class GapCovariance {
  expected,  ///< that of the likelihood, for estimates
  modes,     ///< that of the rectangle's cosine modes, for maps
};

/** More gaps than this share of the values are for a mesh: every map would be made of what is filled in. */
inline constexpr double largest_missing_share = 0.25;

/**
 * Values of a grid that are missing (NaN), filled in given the others at a theta.
 *
 *     E(y_m | y_o) = y_m - P_mm^-1 (P y)_m,     y*_m - E(y*_m | y*_o) ~ N(0, P_mm^-1) for a draw y* of the prior
 *
 * whatever stands at the gaps of y, with P the precision of all values. P_mm is solved by conjugate gradients with its
 * diagonal as preconditioner: each step is two transforms and a product with C_q^-1 for each index.
 *
 * Maps of data with gaps are maps of complete data: their mean that of E(y_m | y_o), for it is linear, their variance
 * that of complete data plus the variance of the mean over draws of y_m.
 */
class GapFilling {
 public:
  /**
   * @param model  y may hold NaN
   * @throws InvalidModel when more than `largest_missing_share` of a group or a whole step is missing; what
   *         prepare_grid() refuses
   */
  GapFilling(GridModel model, const Backend& backend);

  [[nodiscard]] bool has_gaps() const { return !missing_.empty(); }
  [[nodiscard]] const std::vector<MissingValue>& missing() const { return missing_; }
  /** Gaps filled with the means of their steps: a place to start from. */
  [[nodiscard]] const std::shared_ptr<const PreparedGrid>& start() const { return start_; }

  /** Models whose gaps are filled at theta: by the conditional mean first, then by `num_draws` draws. */
  [[nodiscard]] std::vector<GridModel> fill(std::span<const double> theta, GapCovariance covariance,
                                            std::size_t modes_per_cell, std::size_t num_draws, std::uint64_t seed,
                                            const CancellationToken* cancellation) const;

  /** value_precisions() of the values that are there, given those alone; NaN at gaps. */
  [[nodiscard]] ValuePrecisions observed_precisions(std::span<const double> theta, std::size_t num_draws,
                                                    std::uint64_t seed, const CancellationToken* cancellation) const;

  /**
   * log p(y_m | y_o) at its own mean, with the expected covariance: what the likelihood of filled data has too much.
   * NaN beyond 8192 gaps, whose precision is dense.
   */
  [[nodiscard]] double log_density_of_gaps(std::span<const double> theta, const CancellationToken* cancellation) const;

 private:
  [[nodiscard]] DenseMatrix start_values() const;
  [[nodiscard]] std::vector<double> solve(const ValuePrecisionOperator& precision, const DenseMatrix& diagonal,
                                          const DenseMatrix& values) const;

  GridModel model_;  ///< gaps filled with the means of their steps
  const Backend& backend_;
  std::vector<MissingValue> missing_;
  std::shared_ptr<const PreparedGrid> start_;
};

}  // namespace tramontana

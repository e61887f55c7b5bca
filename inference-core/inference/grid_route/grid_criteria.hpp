// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "grid/prepared_grid.hpp"
#include "grid/value_precisions.hpp"
#include "tramontana/integration.hpp"

namespace tramontana {

/** Criteria and predictors at the data of a grid. */
struct GridCriteria {
  ModelCriteria criteria;
  std::vector<MixtureMoments> observations;  ///< of eta, a group, in its own order
};

/**
 * Criteria of Gaussian data at one theta, from what each value's precision says (value_precisions()):
 *
 *     eta_i | y ~ N(y_i - s^2 (P y)_i, s^2 - s^4 P_ii),   y_i | the rest ~ N(y_i - (P y)_i / P_ii, 1 / P_ii).
 *
 * Values whose pull is not a number are missing: they have no criteria, and count for none.
 */
[[nodiscard]] GridCriteria grid_criteria(const PreparedGrid& grid, std::span<const double> theta,
                                         const ValuePrecisions& precisions);

}  // namespace tramontana

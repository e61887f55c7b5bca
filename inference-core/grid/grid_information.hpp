// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "grid/prepared_grid.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/**
 * The average information of the grid's likelihood at theta, row-major d x d [Gilmour1995]:
 *
 *     AI_kl = 1/2 sum_q (dC_q/dk a_q)' P (dC_q/dl a_q),   a_q = C_q^-1 (z_q - X_q beta),
 *
 * P = C^-1 - W B^-1 W' over all indices. Priors are not part of it.
 *
 * Cost: that of an evaluation, and d products with each C_q^-1.
 *
 * @param evaluation  of this theta: its fixed effects are those of the residuals
 * @throws as evaluate_grid()
 */
[[nodiscard]] std::vector<double> average_information(const PreparedGrid& grid, std::span<const double> theta,
                                                      const GridEvaluation& evaluation,
                                                      const CancellationToken* cancellation);

}  // namespace tramontana

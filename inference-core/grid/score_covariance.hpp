// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "grid/prepared_grid.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/**
 * Covariance J of the score of the likelihood with the expected spectrum, fixed effects integrated out, from fields
 * that are drawn at theta (TorusDraws, one seed):
 *
 *     s_i = 1/2 sum_q a_q' dC_q/dtheta_i a_q + a constant,   a_q = C_q^-1 (Z_q - X_q beta(Z)).
 *
 * The likelihood takes indices for independent, which they are only nearly: its Hessian is not J, and the mode scatters
 * as H^-1 J H^-1.
 *
 * Cost: the draws, and about as much as an evaluation with gradient for a hundred of them. Memory: `num_draws` data
 * sets, a part of them at a time beyond 256 MB.
 *
 * @return row-major d x d
 * @throws NotPositiveDefinite, Interrupted
 */
[[nodiscard]] std::vector<double> score_covariance(const PreparedGrid& grid, std::span<const double> theta,
                                                   std::size_t num_draws, const CancellationToken* cancellation);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "inference/optimiser/search_target.hpp"
#include "inference/posterior/gaussian_conditional.hpp"
#include "inference/posterior/working_variates.hpp"

namespace tramontana {

/**
 * Estimates the Hessian of the objective from the factorised posterior at hand: `positive` is the logarithmic mean of
 * AI and F plus the curvature of the priors, `observed` is 2 AI - F + 1/2 (tr P V_ij - y' P V_ij P y) plus that of the
 * priors. The sampling error of the traces is a few per cent of it, for much of it cancels. Where a likelihood is not
 * Gaussian `observed` is `positive`.
 *
 * With V = D^-1 + A Q_p^-1 A' the covariance of y and P = V^-1 (fixed effects included as part of A),
 * AI_ij = 1/2 w_i' P w_j with w_i = dV_i P y [Gilmour1995] is the average of the observed and expected information, up
 * to V_ij; the same quadratic form on data simulated at theta has the Fisher information 1/2 tr(P dV_i P dV_j) as its
 * expectation, and p' V_ij p with p = P z the trace tr P V_ij.
 * Cost: 3 (1 + num_simulations) batches of n_theta solves with the factor at hand, far below one factorisation.
 *
 * @param seed  of the simulated data; equal seeds give equal results, and sampling errors that change little from one
 *              theta to the next
 */
[[nodiscard]] CurvatureEstimate estimate_curvature(const GaussianConditional& posterior, std::uint64_t seed,
                                                   std::size_t num_simulations);

/**
 * 1/2 w' P w of each data set, row-major. One solve serves all: it reads every block of the factor.
 *
 * w' P w is the least energy r' W r + x' Q_p x + b' P_b b of a latent x, b and residuals r = w - A x - X b. As such it
 * is a sum of squares, and what the solve leaves of error in x counts with its square; w' W r would lose all digits
 * where the data outweigh the prior by 1e9.
 */
[[nodiscard]] std::vector<std::vector<double>> informations(const GaussianConditional& posterior,
                                                            const std::vector<Conditional>& data);

/** AI of the posterior's own data alone. */
[[nodiscard]] std::vector<double> average_information(const GaussianConditional& posterior);

/** 1/2 w_i' P w_j averaged over data sets simulated at theta. */
[[nodiscard]] std::vector<double> simulated_fisher_information(const GaussianConditional& posterior, std::uint64_t seed,
                                                               std::size_t num_simulations);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "inference/posterior.hpp"

namespace tramontana {

/**
 * Positive semi-definite model of the Hessian of the objective: (AI + F)/2 plus the curvature of the priors of theta.
 *
 * With V = D^-1 + A Q_p^-1 A' the covariance of y and P = V^-1 (fixed effects included as part of A),
 * AI_ij = 1/2 w_i' P w_j with w_i = dV_i P y [Gilmour1995] is the average of the observed and expected information; the
 * same quadratic form on data simulated at theta has the Fisher information 1/2 tr(P dV_i P dV_j) as its expectation.
 * Cost: three batches of n_theta solves with the factor at hand, far below one factorisation.
 *
 * @param seed  of the simulated data; equal seeds give equal results
 * @return row-major d x d
 */
[[nodiscard]] std::vector<double> curvature_model(const Posterior& posterior, std::uint64_t seed);

/** AI of the posterior's own data alone. */
[[nodiscard]] std::vector<double> average_information(const Posterior& posterior);

/** 1/2 w_i' P w_j averaged over data sets simulated at theta. */
[[nodiscard]] std::vector<double> simulated_fisher_information(const Posterior& posterior, std::uint64_t seed,
                                                               std::size_t num_simulations);

/**
 * d eta / d theta of the mean predictor at the observations by implicit differentiation of the mode, per group m_g x d.
 *
 * What moves the prior or the projector moves eta by (I - A Q_c^-1 A' D) w with the working variates w; what moves the
 * score, by A Q_c^-1 A' dl'.
 */
[[nodiscard]] std::vector<DenseMatrix> predictor_derivatives(const Posterior& posterior);

}  // namespace tramontana

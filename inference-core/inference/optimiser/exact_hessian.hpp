// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "communicator/communicator.hpp"
#include "inference/posterior/posterior.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "tramontana/cancellation.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {

/**
 * Why exact_hessian() cannot be had; empty where it can: Gaussian data, at each step from one group a response at most,
 * no random effects, and four blocks of every step in 4 GiB.
 */
[[nodiscard]] std::string why_no_exact_hessian(const PreparedModel& model);
[[nodiscard]] inline bool has_exact_hessian(const PreparedModel& model) { return why_no_exact_hessian(model).empty(); }

/** Whether it counts as quicker than a gradient a component; the same on any number of ranks. */
[[nodiscard]] bool exact_hessian_pays(const PreparedModel& model, std::span<const double> theta,
                                      const EvaluationOptions& options);

/**
 * The Hessian of the objective by theta without differences of evaluations, row-major d x d, priors included.
 *
 * With V = D^-1 + A Q_p^-1 A' and P = V^-1 less what the fixed effects take, P = P_0 - U U' with U = P_0 X S_beta^-1/2,
 *
 *     d2f = 1/2 (tr P V_ij - tr P V_i P V_j) + y' P V_i P V_j P y - 1/2 y' P V_ij P y  - d2 log prior.
 *
 * - Quadratic forms in y, and in the columns of U, are those of the average information and of covariance_curvature().
 * - tr P_0 V_ij - tr P_0 V_i P_0 V_j = d2 (log|Q_c| - log|Q_p| - log|D|)
 *   = tr Sigma Q_ij - (log|Q_p|)_ij - tr Sigma Q_i Sigma Q_j; its first part is contracted from sums over modes, whose
 *   derivatives are differences of these sums and cost nothing.
 * - tr Sigma Q_i Sigma Q_j runs over the covariances between all pairs of steps (sum_over_pairs()). In the coordinates
 * of the responses the derivatives by fields and coregionalisation are diagonal in the modes. Those of noise are not,
 * but known: scaling response j moves Q_c by -(E_j Q_c + Q_c E_j), and Sigma Q_c = I, so that with N_j the data's share
 * of that response and s_j the direction of theta that scales its field, tr Sigma N_j Sigma Q_i = tr E_j Sigma Q_i +
 * 1/2 tr Sigma Q_{s_j} Sigma Q_i. Groups at some steps of a response have generators of their own (ModeGenerators).
 *
 * Cost: sum_over_pairs(), and (1 + p) d solves. All ranks of the options call together.
 *
 * @return nothing where the data outweigh the prior so far that digits of it may be lost
 * @throws NotPositiveDefinite, Interrupted
 */
[[nodiscard]] std::optional<std::vector<double>> exact_hessian(const PreparedModel& model,
                                                               std::span<const double> theta,
                                                               const EvaluationOptions& options,
                                                               const CancellationToken* cancellation);

/** Whether the posterior at hand has what the pairs ask for: the states of all steps in the order of time, spectral. */
[[nodiscard]] bool serves_exact_hessian(const Posterior& posterior);

/**
 * The same from a posterior at hand, the same on all ranks.
 *
 * @param posterior  that serves_exact_hessian()
 */
[[nodiscard]] std::optional<std::vector<double>> exact_hessian(const Posterior& posterior, const Communicator& ranks,
                                                               const CancellationToken* cancellation);

}  // namespace tramontana

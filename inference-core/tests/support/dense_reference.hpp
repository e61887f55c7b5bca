// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "matrix/dense.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana::testing {

/** Everything about one theta, from the assembled joint precision of all latent variables in nodal coordinates. */
struct DenseAnswer {
  double objective = 0.0;
  double log_determinant_prior = 0.0;
  double log_determinant_posterior = 0.0;
  std::vector<double> mean;  ///< v by step, process, node; fixed effects last
  DenseMatrix covariance;    ///< all entries
};

/**
 * Textbook evaluation by plain loops: Kronecker products of the FEM matrices, T' blkdiag(Q_k / s_k^2) T, a dense
 * Cholesky factor, a dense inverse. Written from docs/mathematics.md, sections 1 and 2, alone, sharing no formula with
 * the engine.
 */
[[nodiscard]] DenseAnswer dense_answer(const EngineModel& model, std::span<const double> theta);

/**
 * The Laplace approximation by Newton's method on the assembled precision, for any likelihoods, several groups a
 * process and random effects. Densities and their derivatives are the engine's, everything else is not.
 */
[[nodiscard]] DenseAnswer dense_laplace(const EngineModel& model, std::span<const double> theta);

/** Replaces y by a draw from the model at theta with zero fixed effects, by the dense factor of the prior. */
void replace_data_by_simulation(EngineModel& model, std::span<const double> theta, std::uint64_t seed);

}  // namespace tramontana::testing

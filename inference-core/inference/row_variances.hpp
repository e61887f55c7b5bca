// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "inference/posterior.hpp"

namespace tramontana {

/**
 * a' Cov(v_response) a for every row a, given the latent covariance of one step without the border.
 *
 * Nodal coordinates: sums over the entries of the rows. Spectral ones: with Sigma = L + L', L lower triangular with
 * half of the diagonal, a' Sigma a = 2 (Phi L . Phi) row by row, Phi = A C0^-1/2 V; min(m, n_s) n_s^2 flops for m rows,
 * half of what the full product costs.
 *
 * @param covariance  Sigma_tt, lower triangle, in the coordinates of the posterior's precision
 * @param rows        m x n_s, weights of the mesh nodes
 * @return length m
 */
[[nodiscard]] std::vector<double> row_variances(const Posterior& posterior, ConstMatrixView covariance,
                                                std::size_t response, const CsrMatrix& rows);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "inference/posterior/predictor_map.hpp"

namespace tramontana {

/**
 * p' V_ij p: second derivatives by theta of the covariance of the data, V = D^-1 + A Q_p^-1 A' + Z P_b^-1 Z', between
 * p = D r held at its value.
 *
 * It is what the observed information has beyond the average and the Fisher information: with P = V^-1 (fixed effects
 * removed), p = P y for the residuals of the data and p = P z for those of data z simulated at theta,
 *
 *     d2f/dtheta_i dtheta_j = 2 AI - F + 1/2 (tr P V_ij - y' P V_ij P y),   tr P V_ij = E z' P V_ij P z [Gilmour1995].
 *
 * V is cheap to apply: in spectral coordinates Q_p is tridiagonal mode by mode, and nothing of the posterior is
 * factorised. The derivatives are central differences of exact first ones. Cost: O(n_theta n_v n_s n_t).
 *
 * @param residuals  r = y - A mu - X beta per group, m_g x 1; Gaussian groups only
 * @param effects    of the border, given the same data
 * @return row-major d x d, symmetric
 */
[[nodiscard]] std::vector<double> covariance_curvature(const PredictorMap& map,
                                                       const std::vector<DenseMatrix>& residuals,
                                                       std::span<const double> effects);

}  // namespace tramontana

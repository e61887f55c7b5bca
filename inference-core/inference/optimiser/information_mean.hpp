// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "kernels/backend.hpp"

namespace tramontana {

/**
 * Logarithmic mean of two information matrices: with F = L L' and L^-1 A L^-T = U diag(q) U', L U diag(m(q)) U' L',
 * where m(q) = (q - 1) / log q lies between the geometric and the arithmetic mean of q and 1.
 *
 * It is the curvature whose Newton step is exact for a parameter that scales the covariance of the data. For such a
 * parameter t, f = 1/2 (m t + S e^-t): the average information is A = m q / 2 with q = S e^-t / m, the Fisher
 * information F = m / 2, the gradient m (1 - q) / 2 and the distance to the minimum log q. Newton's method with A alone
 * stops short where the data are large for the model, with F alone it overshoots.
 *
 * @param average  A, row-major symmetric positive semi-definite d x d
 * @param fisher   F, likewise; directions without information in F are given a little of it
 * @return row-major d x d, symmetric positive semi-definite
 */
[[nodiscard]] std::vector<double> logarithmic_mean(const Backend& backend, std::span<const double> average,
                                                   std::span<const double> fisher);

}  // namespace tramontana

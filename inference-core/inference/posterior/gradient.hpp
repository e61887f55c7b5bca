// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "inference/posterior/gaussian_conditional.hpp"

namespace tramontana {

/**
 * Exact gradient of the objective by structured adjoints (docs/mathematics.md, section 6).
 *
 * The adjoint of log-determinant and energy needs only moments of the posterior: per process and spectral mode, and the
 * inner products with the observation patterns. They are those of the covariance plus those of the states, so that mean
 * and border need no formulas of their own; the chain rule through the coefficients is automatic differentiation.
 *
 * @param also_visit  sees every covariance group of the same pass
 */
[[nodiscard]] std::vector<double> objective_gradient(const GaussianConditional& posterior,
                                                     const CovarianceVisitor& also_visit,
                                                     SelectedInverseSummary* summary);

}  // namespace tramontana

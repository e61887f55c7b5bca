// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "inference/posterior/gaussian_conditional.hpp"

namespace tramontana {

/** Data, in the wider sense: field mean mu and border effects, and r = y - A mu - X beta per group, one column each. */
struct Conditional {
  BlockVector field;
  std::vector<double> effects;
  std::vector<DenseMatrix> residuals;
};

/** The posterior's own data: its mean and residuals. */
[[nodiscard]] Conditional observed_data(const GaussianConditional& posterior);

/**
 * The working variates w_i = dV_i P y of all components of theta, per group m_g x d.
 *
 *     prior parameter:       w = -A Q_p^-1 (dQ_p) mu
 *     random effect:         w = -Z b
 *     log tau_g:             w = -r on group g
 *     likelihood parameter:  w = -W^-1 dl' on group g
 *     lambda:                w = dA mu + A Q_p^-1 dA' D r
 */
[[nodiscard]] std::vector<DenseMatrix> working_variates(const GaussianConditional& posterior, const Conditional& data);

/**
 * d eta / d theta of the mean predictor at the observations by implicit differentiation of the mode, per group m_g x d.
 *
 * What moves the prior or the projector moves eta by (I - A Q_c^-1 A' D) w with the working variates w; what moves the
 * score, by A Q_c^-1 A' dl'.
 */
[[nodiscard]] std::vector<DenseMatrix> predictor_derivatives(const GaussianConditional& posterior);

}  // namespace tramontana

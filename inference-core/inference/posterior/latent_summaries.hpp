// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "inference/posterior/gaussian_conditional.hpp"
#include "inference/posterior/step_variances.hpp"

namespace tramontana {

/** Posterior mean of v and of the fixed effects, latent order. */
[[nodiscard]] std::vector<double> latent_mean(const GaussianConditional& posterior);

/** Collects the marginal variances of v and of the fixed effects, latent order, from the covariance groups. */
class MarginalVariances {
 public:
  explicit MarginalVariances(const GaussianConditional& posterior);
  void visit(StepVariances& variances);
  void visit(const StepCovariance& group);
  /** Complete after every group has been seen. Collective over the visitors. */
  [[nodiscard]] std::vector<double> take();

 private:
  const GaussianConditional& posterior_;
  std::vector<double> variances_;
};

/** Nodal values of v_response, blocks of n_s x columns, of fields u in spectral coordinates. */
[[nodiscard]] BlockVector response_fields(const PriorAtTheta& prior, const BlockVector& spectral, std::size_t response);

/** Nodal values of v_response for every column of the states: blocks of n_s x columns. */
[[nodiscard]] BlockVector response_states(const GaussianConditional& posterior, std::size_t response);

}  // namespace tramontana

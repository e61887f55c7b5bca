// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "inference/posterior/posterior.hpp"
#include "inference/posterior/step_variances.hpp"

namespace tramontana {

/** Posterior mean of v and of the fixed effects, latent order. */
[[nodiscard]] std::vector<double> latent_mean(const Posterior& posterior);

/** Collects the marginal variances of v and of the fixed effects, latent order, from the covariance groups. */
class MarginalVariances {
 public:
  explicit MarginalVariances(const Posterior& posterior);
  void visit(StepVariances& variances);
  void visit(const StepCovariance& group);
  [[nodiscard]] std::vector<double> take() { return std::move(variances_); }

 private:
  const Posterior& posterior_;
  std::vector<double> variances_;
};

/** Nodal values of v_response, blocks of n_s x columns, of fields u in spectral coordinates. */
[[nodiscard]] BlockVector response_fields(const Posterior& posterior, const BlockVector& spectral,
                                          std::size_t response);

/** Nodal values of v_response for every column of the states: blocks of n_s x columns. */
[[nodiscard]] BlockVector response_states(const Posterior& posterior, std::size_t response);

}  // namespace tramontana

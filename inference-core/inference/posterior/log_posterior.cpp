// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/log_posterior.hpp"

#include "model/priors.hpp"

namespace tramontana {

double log_posterior(const Posterior& posterior) {
  const auto& priors = posterior.prepared().model().priors;
  double sum = posterior.log_marginal_likelihood();
  for (std::size_t i = 0; i < priors.size(); ++i) {
    sum += log_prior(priors[i], posterior.theta()[i]).log_density + log_prior_normaliser(priors[i]);
  }
  return sum;
}

}  // namespace tramontana

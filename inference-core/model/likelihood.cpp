// SPDX-License-Identifier: Apache-2.0
#include "model/likelihood.hpp"

#include "model/likelihoods/likelihoods.hpp"

namespace tramontana {

const LikelihoodModel& likelihood_model(Likelihood likelihood) {
  switch (likelihood) {
    case Likelihood::poisson:
      return poisson_likelihood();
    case Likelihood::binomial:
      return binomial_likelihood();
    case Likelihood::gamma:
      return gamma_likelihood();
    case Likelihood::student_t:
      return student_t_likelihood();
    case Likelihood::gaussian:
      break;
  }
  return gaussian_likelihood();
}

}  // namespace tramontana

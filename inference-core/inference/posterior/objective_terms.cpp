// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/objective_terms.hpp"

#include <cmath>
#include <numbers>
#include <utility>

#include "inference/posterior/finite.hpp"
#include "model/priors.hpp"

namespace tramontana {
namespace {

struct Evidence {
  double objective = 0.0;  ///< without the constants that the objective leaves out
  double marginal = 0.0;   ///< with all
};

/** log p(y | x) + log p(x) at the mean, without determinants. */
Evidence evidence_at_mean(const GaussianConditional& conditional) {
  const auto& prior = conditional.prior();
  const auto& layout = prior.prepared().layout();
  const auto& solution = conditional.solution();
  // Energy at the mean, from its own residuals and field: no difference of two energies.
  Evidence evidence{-0.5 * prior.energy(column_of(solution.states.spectral, 0), solution.effects), 0.0};
  evidence.marginal = evidence.objective;  // with log y! from the start: added later, large ones round all else away
  for (std::size_t group = 0; group < conditional.observations().size(); ++group) {
    const auto& observed = conditional.observations()[group];
    for (const double value : observed.log_jacobians()) evidence.marginal += value;
    if (observed.is_gaussian()) {
      const auto residual = solution.residuals[group].view().block(0, 0, observed.num_observations(), 1);
      const double squares = observed.weighted_inner_products(residual, residual)(0, 0);
      const auto count = static_cast<double>(observed.num_observations());
      const double twice = count * prior.theta()[layout.likelihood(group)[0]] + observed.sum_log_weights() -
                           prior.noise_precision(group) * squares;
      evidence.objective += 0.5 * twice;
      evidence.marginal += 0.5 * (twice - count * std::log(2.0 * std::numbers::pi));
      continue;
    }
    const auto parameters = prior.likelihood_parameters(group);
    const auto eta = conditional.mean_predictor(group);
    for (std::size_t i = 0; i < eta.size(); ++i) {
      const auto& datum = observed.data()[i];
      const double log_density = observed.likelihood().terms(datum, eta[i], parameters).log_density;
      evidence.objective += log_density - observed.likelihood().dropped_constant(datum);
      evidence.marginal += log_density;
    }
  }
  return evidence;
}

}  // namespace

ObjectiveTerms objective_terms(const GaussianConditional& conditional) {
  const auto& prior = conditional.prior();
  const auto& prepared = prior.prepared();
  const auto evidence = evidence_at_mean(conditional);
  const double prior_spectral = prior.log_determinant();
  const double posterior = conditional.field().log_determinant() + conditional.solution().log_determinant;
  const double mass = prepared.log_mass();
  const double mass_within = conditional.field().mass_within();
  const double occam = 0.5 * ((prior_spectral + mass_within) - posterior);
  ObjectiveTerms terms;
  terms.log_determinant_prior = prior_spectral + mass;
  terms.log_determinant_posterior = posterior + (mass - mass_within);
  terms.log_marginal_likelihood = evidence.marginal + occam;
  terms.log_posterior = terms.log_marginal_likelihood;
  double log_prior_theta = 0.0;
  for (std::size_t i = 0; i < prior.theta().size(); ++i) {
    const auto& own = prepared.model().priors[i];
    const double log_density = log_prior(own, prior.theta()[i]).log_density;
    log_prior_theta += log_density;
    terms.log_posterior += log_density + log_prior_normaliser(own);
  }
  terms.objective = -(log_prior_theta + (evidence.objective + occam));
  require_finite(std::span(&terms.objective, 1), "objective", prior.theta());
  return terms;
}

}  // namespace tramontana

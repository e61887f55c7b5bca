// SPDX-License-Identifier: Apache-2.0
#include "inference/integration/posterior_mixture.hpp"

#include <cmath>
#include <cstdint>
#include <utility>

namespace tramontana {
namespace {

std::vector<double> reordered(const std::vector<double>& values, const std::vector<std::int32_t>& order) {
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[static_cast<std::size_t>(order[i])] = values[i];
  return result;
}

}  // namespace

PosteriorMixture::PosteriorMixture(const PreparedModel& model, const IntegrationOptions& options)
    : model_(model), options_(options) {
  for (std::size_t g = 0; g < model_.observations().size(); ++g) {
    criteria_.emplace_back(model_.observations()[g].num_observations());
    rinla_criteria_.emplace_back(options_.rinla_criteria ? model_.observations()[g].num_observations() : 0);
  }
  observations_.resize(model_.observations().size());
  predictions_.resize(options_.predictions.size());
  fixed_effects_.resize(model_.num_border_columns());
}

void PosteriorMixture::add(double weight, const PointSummary& found) {
  total_weight_ += weight;
  if (options_.latent) latent_.add(weight, found.latent_mean, found.latent_variance);
  for (std::size_t i = 0; i < fixed_effects_.size(); ++i) {
    fixed_effects_[i].push_back({weight, found.fixed_mean[i], std::sqrt(found.fixed_variance[i])});
  }
  for (std::size_t i = 0; i < predictions_.size(); ++i) {
    predictions_[i].add(weight, found.predictions[i].mean, found.predictions[i].variance);
  }
  if (!options_.criteria) return;
  for (std::size_t g = 0; g < observations_.size(); ++g) {
    const auto& moments = found.observations[g];
    auto mean = moments.mean;
    for (std::size_t i = 0; !found.mean_shift.empty() && i < mean.size(); ++i) mean[i] += found.mean_shift[g][i];
    observations_[g].add(weight, mean, moments.variance);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      criteria_[g].add(i, weight, terms(found, g, i));
      if (!options_.rinla_criteria) continue;
      const auto log_density = [&](double eta) { return log_density_at(found.likelihood_parameters[g], g, i, eta); };
      rinla_criteria_[g].add(i, weight, rinla_terms(log_density, mean[i], moments.variance[i]));
    }
  }
}

PointwiseTerms PosteriorMixture::terms(const PointSummary& found, std::size_t g, std::size_t i) const {
  const auto& observed = model_.observations()[g];
  const double mean = found.observations[g].mean[i];
  const double variance = found.observations[g].variance[i];
  const auto& parameters = found.likelihood_parameters[g];
  const auto& datum = observed.data()[i];
  PointwiseTerms result;
  if (observed.is_gaussian()) {
    const auto& moments = found.observations[g];
    result = gaussian_terms(std::exp(parameters[0]) * datum.weight, mean, variance, moments.residual[i],
                            moments.remaining[i]);
  } else {
    const auto at_mean = observed.likelihood().terms(datum, mean, parameters);
    result =
        quadrature_terms({[&](double eta) { return observed.likelihood().terms(datum, eta, parameters).log_density; },
                          [&](double eta) { return observed.likelihood().cumulative(datum, eta, parameters); }},
                         at_mean.score, at_mean.weight, mean, variance);
  }
  if (!observed.log_jacobians().empty()) result.change_scale(observed.log_jacobians()[i]);
  return result;
}

double PosteriorMixture::log_density_at(std::span<const double> parameters, std::size_t g, std::size_t i,
                                        double eta) const {
  const auto& observed = model_.observations()[g];
  const double jacobian = observed.log_jacobians().empty() ? 0.0 : observed.log_jacobians()[i];
  return jacobian + observed.likelihood().terms(observed.data()[i], eta, parameters).log_density;
}

void PosteriorMixture::finish(IntegrationResult& result) const {
  for (const auto& components : fixed_effects_) result.fixed_effects.push_back(summarise(components));
  if (options_.latent) result.latent = latent_.finish();
  for (const auto& sum : predictions_) result.predictions.push_back(sum.finish());
  if (options_.criteria) finish_criteria(result);
}

void PosteriorMixture::finish_criteria(IntegrationResult& result) const {
  for (std::size_t g = 0; g < observations_.size(); ++g) {
    auto moments = observations_[g].finish();
    const auto log_densities_at = [&](const std::vector<double>& predictor) {
      std::vector<double> log_density;
      for (std::size_t i = 0; i < predictor.size(); ++i) {
        log_density.push_back(log_density_at(mode_likelihood_parameters_[g], g, i, predictor[i]));
      }
      return log_density;
    };
    const auto at_mean = log_densities_at(criteria_[g].expected_predictors(total_weight_));
    criteria_[g].finish(total_weight_, at_mean, result.criteria);
    if (options_.rinla_criteria) {
      if (!result.criteria.rinla) result.criteria.rinla.emplace();
      rinla_criteria_[g].finish(total_weight_, log_densities_at(moments.mean), *result.criteria.rinla);
    }
    const auto& order = model_.observations()[g].original_order();
    auto& group = result.criteria.groups.back();
    group.log_cpo = reordered(group.log_cpo, order);
    group.pit = reordered(group.pit, order);
    result.observations.push_back({reordered(moments.mean, order), reordered(moments.sd, order)});
  }
}

}  // namespace tramontana

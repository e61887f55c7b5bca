// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/curvature.hpp"

#include <cmath>
#include <utility>

#include "inference/optimiser/covariance_curvature.hpp"
#include "inference/optimiser/information_mean.hpp"
#include "inference/posterior/prior_draws.hpp"
#include "inference/posterior/working_variates.hpp"
#include "model/priors.hpp"

namespace tramontana {
namespace {
/** The working variates of one data set, as far as they make information. */
std::vector<DenseMatrix> information_variates(const GaussianConditional& posterior, const Conditional& data) {
  auto w = working_variates(posterior, data);
  // What a likelihood that is not Gaussian knows of its own parameters comes as expected information: its working
  // variates divide by weights that outliers bring near zero.
  for (std::size_t group = 0; group < w.size(); ++group) {
    if (posterior.observations()[group].is_gaussian()) continue;
    for (const auto index : posterior.prepared().layout().likelihood(group)) {
      for (std::size_t i = 0; i < w[group].rows(); ++i) w[group](i, index) = 0.0;
    }
  }
  return w;
}

/** energy += x' Q_p x + b' P_b b of as many columns of the latent means as the energy has, from `first` on. */
void add_prior_energy(const PriorAtTheta& prior, const ConditionalMean& mean, const BlockVector& product,
                      std::size_t first, DenseMatrix& energy) {
  const auto& backend = prior.prepared().backend();
  const std::size_t d = energy.columns();
  for (std::size_t step = 0; step < mean.field.num_blocks(); ++step) {
    const auto x = mean.field.block(step);
    backend.dense().multiply(Transpose::yes, Transpose::no, 1.0, x.block(0, first, x.rows, d),
                             product.block(step).block(0, first, x.rows, d), 1.0, energy.view());
  }
  const auto effects = mean.effects.view();
  if (effects.rows == 0) return;
  const auto own = effects.block(0, first, effects.rows, d);
  DenseMatrix weighted(effects.rows, d);
  backend.dense().multiply(Transpose::no, Transpose::no, 1.0, prior.border_precision().view(), own, 0.0,
                           weighted.view());
  backend.dense().multiply(Transpose::yes, Transpose::no, 1.0, own, std::as_const(weighted).view(), 1.0, energy.view());
}

std::vector<double> information(const GaussianConditional& posterior, const Conditional& data) {
  return informations(posterior, {data}).front();
}

/** Field, effects and residuals of one column of conditional means. */
Conditional conditional_of(const ConditionalMean& mean, std::size_t column) {
  Conditional data{column_of(mean.field, column), {}, {}};
  for (std::size_t i = 0; i < mean.effects.rows(); ++i) data.effects.push_back(mean.effects(i, column));
  for (const auto& residual : mean.residuals) data.residuals.push_back(column_of(residual, column));
  return data;
}

/** Data sets simulated at theta, conditioned on. One solve serves all: it reads every block of the factor. */
std::vector<Conditional> simulated_data(const GaussianConditional& posterior, std::uint64_t seed, std::size_t count) {
  RandomNormal normal(seed);
  std::vector<DenseMatrix> y;
  for (std::size_t set = 0; set < count; ++set) {
    // Fixed effects are zero: P removes them.
    const auto draws = draw_prior(posterior.prior(), {&normal, 1}, FixedEffectDraws::zero);
    const auto own = simulate_data(posterior.map(), draws, {&normal, 1});
    for (std::size_t group = 0; group < own.size(); ++group) {
      if (set == 0) y.emplace_back(own[group].rows(), count);
      std::copy_n(own[group].data(), own[group].rows(), y[group].view().column(set));
    }
  }
  const auto mean = posterior.solve_for_data(y);
  std::vector<Conditional> data;
  for (std::size_t set = 0; set < count; ++set) data.push_back(conditional_of(mean, set));
  return data;
}

/** Data information on the parameters of likelihoods that are not Gaussian, beyond what moves the predictor. */
void add_likelihood_information(const GaussianConditional& posterior, std::vector<double>& model) {
  const std::size_t d = posterior.prior().theta().size();
  for (std::size_t group = 0; group < posterior.observations().size(); ++group) {
    const auto& observed = posterior.observations()[group];
    if (observed.is_gaussian()) continue;
    const auto parameters = posterior.prior().likelihood_parameters(group);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      const auto index = posterior.prepared().layout().likelihood(group)[p];
      model[index * d + index] +=
          static_cast<double>(observed.num_observations()) * observed.likelihood().parameter_information(parameters, p);
    }
  }
}

}  // namespace

std::vector<std::vector<double>> informations(const GaussianConditional& posterior,
                                              const std::vector<Conditional>& data) {
  const std::size_t d = posterior.prepared().layout().size();
  const std::size_t num_groups = posterior.observations().size();
  std::vector<DenseMatrix> w;
  for (std::size_t set = 0; set < data.size(); ++set) {
    const auto own = information_variates(posterior, data[set]);
    for (std::size_t group = 0; group < num_groups; ++group) {
      const std::size_t rows = own[group].rows();
      if (set == 0) w.emplace_back(rows, d * data.size());
      std::copy_n(own[group].data(), rows * d, w[group].data() + set * rows * d);
    }
  }
  const auto conditional = posterior.solve_for_data(w);
  const auto product = posterior.prior().product(conditional.field);
  std::vector<DenseMatrix> energies(data.size(), DenseMatrix::zero(d, d));
  for (std::size_t group = 0; group < num_groups; ++group) {
    const std::size_t rows = w[group].rows();
    const auto& residual = conditional.residuals[group];
    for (std::size_t set = 0; set < data.size(); ++set) {
      const auto own = residual.view().block(0, set * d, rows, d);
      const auto squares = posterior.observations()[group].weighted_inner_products(own, own);
      for (std::size_t i = 0; i < d * d; ++i) {
        energies[set].data()[i] += posterior.prior().noise_precision(group) * squares.data()[i];
      }
    }
  }
  std::vector<std::vector<double>> result;
  for (std::size_t set = 0; set < data.size(); ++set) {
    add_prior_energy(posterior.prior(), conditional, product, set * d, energies[set]);
    result.emplace_back(d * d);
    for (std::size_t a = 0; a < d; ++a) {
      for (std::size_t b = 0; b < d; ++b) result[set][a * d + b] = 0.25 * (energies[set](a, b) + energies[set](b, a));
    }
  }
  return result;
}

std::vector<double> average_information(const GaussianConditional& posterior) {
  return information(posterior, observed_data(posterior));
}

std::vector<double> simulated_fisher_information(const GaussianConditional& posterior, std::uint64_t seed,
                                                 std::size_t num_simulations) {
  std::vector<double> sum(posterior.prior().theta().size() * posterior.prior().theta().size(), 0.0);
  // Set by set: there may be thousands.
  for (std::size_t simulation = 0; simulation < num_simulations; ++simulation) {
    const auto share = information(posterior, simulated_data(posterior, seed + simulation, 1).front());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += share[i] / static_cast<double>(num_simulations);
  }
  return sum;
}

CurvatureEstimate estimate_curvature(const GaussianConditional& posterior, std::uint64_t seed,
                                     std::size_t num_simulations) {
  const std::size_t d = posterior.prior().theta().size();
  const bool is_gaussian = posterior.prepared().is_gaussian();
  // Without the second-order terms the Fisher information of one data set will do.
  if (!is_gaussian) num_simulations = 1;
  std::vector<Conditional> data{observed_data(posterior)};
  for (auto& simulated : simulated_data(posterior, seed, num_simulations)) data.push_back(std::move(simulated));
  const auto information_of = informations(posterior, data);
  const auto& average = information_of.front();
  std::vector<double> fisher(d * d, 0.0);
  std::vector<double> second_order(d * d, 0.0);
  const double share_of_one = 1.0 / static_cast<double>(num_simulations);
  for (std::size_t set = 0; set < data.size(); ++set) {
    if (set > 0) {
      for (std::size_t i = 0; i < d * d; ++i) fisher[i] += share_of_one * information_of[set][i];
    }
    if (!is_gaussian) continue;
    const auto share = covariance_curvature(posterior.map(), data[set].residuals, data[set].effects);
    const double weight = set == 0 ? -0.5 : 0.5 * share_of_one;
    for (std::size_t i = 0; i < d * d; ++i) second_order[i] += weight * share[i];
  }
  CurvatureEstimate estimate{logarithmic_mean(posterior.prepared().backend(), average, fisher), {}};
  add_likelihood_information(posterior, estimate.positive);
  for (std::size_t i = 0; i < d; ++i) {
    estimate.positive[i * d + i] -=
        log_prior(posterior.prepared().model().priors[i], posterior.prior().theta()[i]).curvature;
  }
  estimate.observed = estimate.positive;
  if (!is_gaussian) return estimate;
  for (std::size_t i = 0; i < d * d; ++i) estimate.observed[i] = 2.0 * average[i] - fisher[i] + second_order[i];
  for (std::size_t i = 0; i < d; ++i) {
    estimate.observed[i * d + i] -=
        log_prior(posterior.prepared().model().priors[i], posterior.prior().theta()[i]).curvature;
  }
  return estimate;
}

}  // namespace tramontana

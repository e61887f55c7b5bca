// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/posterior.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <utility>

#include "inference/posterior/finite.hpp"
#include "kernels/random_normal.hpp"
#include "model/priors.hpp"

namespace tramontana {
namespace {

/** Noise precision times prior variance up to which nothing need be watched: ten digits of the prior are left. */
constexpr double largest_plain_ratio = 1e6;
/** Relative error of the field by rounding from which an answer is refused; the gradient has up to 1e4 times it. */
constexpr double largest_rounding_error = 2e-8;
constexpr std::uint64_t probe_seed = 20261129;

SelectedInverseMethod method_of(EvaluationOptions::SelectedInverse choice) {
  switch (choice) {
    case EvaluationOptions::SelectedInverse::backward:
      return SelectedInverseMethod::backward;
    case EvaluationOptions::SelectedInverse::two_filter:
      return SelectedInverseMethod::two_filter;
    case EvaluationOptions::SelectedInverse::two_sided:
      return SelectedInverseMethod::two_sided;
    case EvaluationOptions::SelectedInverse::automatic:
      break;
  }
  return SelectedInverseMethod::automatic;
}

/** Where the covariance of each step is wanted, or the backward recursion, the states of all steps are needed. */
RecursionOptions::Doubling doubling_for(const EvaluationOptions& options) {
  const bool needs_states = options.latent || options.selected_inverse == EvaluationOptions::SelectedInverse::backward;
  return needs_states ? RecursionOptions::Doubling::never : RecursionOptions::Doubling::automatic;
}

}  // namespace

Posterior::Posterior(const PreparedModel& prepared, std::span<const double> theta, const EvaluationOptions& options,
                     const CancellationToken* cancellation)
    : prepared_(prepared),
      theta_(theta.begin(), theta.end()),
      options_(options),
      cancellation_(cancellation),
      recursion_{options.steady_state_tolerance, doubling_for(options)} {
  prepared_.check_theta(theta);
  try {
    prepare_prior();
    if (prepared_.is_gaussian()) {
      condition();
    } else {
      find_mode();
    }
  } catch (const NotPositiveDefinite& error) {
    Facts facts = error.facts();
    facts.emplace_back("theta", theta_);
    throw NotPositiveDefinite(error.what(), std::move(facts));
  }
  assemble_objective();
  require_finite(std::span(&objective_, 1), "objective", theta_);
}

void Posterior::prepare_prior() {
  const auto& layout = prepared_.layout();
  coregionalisation_ = coregionalisation_matrix(layout, theta_);
  border_precision_ = prepared_.border().precision(layout, theta_);
  priors_.reserve(prepared_.num_processes());
  for (std::size_t process = 0; process < prepared_.num_processes(); ++process) {
    std::vector<double> parameters;
    for (const auto index : layout.field(process)) parameters.push_back(theta_[index]);
    priors_.emplace_back(prepared_.latent(), prepared_.basis().eigenvalues(), parameters);
  }
  for (std::size_t group = 0; group < prepared_.observations().size(); ++group) {
    const bool is_gaussian = prepared_.observations()[group].is_gaussian();
    noise_precisions_.push_back(is_gaussian ? std::exp(theta_[layout.likelihood(group)[0]]) : 1.0);
  }
}

void Posterior::condition() {
  ++inner_iterations_;
  factorise();
  solve_mean();
}

void Posterior::factorise() {
  const bool has_nodal_form = priors_.front().has_polynomials();
  if (options_.coordinates == EvaluationOptions::Coordinates::nodal && !has_nodal_form) {
    throw InvalidModel("coordinates must be spectral for an exact diffusion, found nodal.",
                       {{"field", std::string("coordinates")}});
  }
  // Working weights change at every iteration: between the nodes they stay on the diagonal.
  const bool prefers_nodal =
      options_.coordinates == EvaluationOptions::Coordinates::automatic && !prepared_.is_gaussian() && has_nodal_form;
  const bool is_nodal = options_.coordinates == EvaluationOptions::Coordinates::nodal || prefers_nodal;
  factor_.reset();
  data_space_.reset();
  rounding_error_ = 0.0;
  const double ratio = data_to_prior();
  const bool outweighs = !(ratio < largest_plain_ratio);
  is_spectral_ = !is_nodal;
  if (outweighs && options_.coordinates != EvaluationOptions::Coordinates::nodal && use_data_space()) return;
  precision_ =
      make_joint_precision(is_nodal ? CoordinateBasis::nodal : CoordinateBasis::spectral,
                           {&prepared_.basis(), &priors_, &observations(), coregionalisation_, noise_precisions_},
                           prepared_.model().g1, prepared_.model().c0);
  factor_ = tramontana::factorise(*precision_, prepared_.backend(), {recursion_, method_of(options_.selected_inverse)},
                                  cancellation_);
  if (outweighs) measure_rounding(ratio);
}

double Posterior::data_to_prior() const {
  const auto& layout = prepared_.layout();
  double largest = 0.0;
  for (std::size_t group = 0; group < observations().size(); ++group) {
    double variance = 0.0;
    for (std::size_t k = 0; k <= observations()[group].process(); ++k) {
      // Of several processes, the standard deviations are those of L; the fields' own are one.
      const auto& field = layout.field(k);
      const bool has_own = layout.names()[field.back()].rfind("log_sigma", 0) == 0;
      const double sd = lower(observations()[group].process(), k) * (has_own ? std::exp(theta_[field.back()]) : 1.0);
      variance += sd * sd;
    }
    for (const double weight : observations()[group].weights()) {
      largest = std::max(largest, noise_precisions_[group] * weight * variance);
    }
  }
  return largest;
}

bool Posterior::use_data_space() {
  std::size_t count = 0;
  std::vector<std::vector<double>> precisions;
  for (std::size_t group = 0; group < observations().size(); ++group) {
    precisions.push_back(observations()[group].weights());
    count += precisions.back().size();
    for (double& precision : precisions.back()) {
      precision *= noise_precisions_[group];
      if (!(precision > 0.0) || !std::isfinite(precision)) return false;
    }
  }
  if (prepared_.num_steps() > 1 || count > prepared_.block_size()) return false;
  try {
    data_space_.emplace(prepared_, observations(), priors_, coregionalisation_, precisions);
  } catch (const NotPositiveDefinite&) {
    // Observations that repeat each other, with hardly any noise: the precision has them in one place.
    return false;
  }
  if (data_space_->relative_error() < largest_rounding_error) {
    rounding_error_ = data_space_->relative_error();
    is_spectral_ = true;
    precision_ =
        make_joint_precision(CoordinateBasis::spectral,
                             {&prepared_.basis(), &priors_, &observations(), coregionalisation_, noise_precisions_},
                             prepared_.model().g1, prepared_.model().c0);
    return true;
  }
  data_space_.reset();
  return false;
}

void Posterior::measure_rounding(double ratio) {
  RandomNormal normal(probe_seed);
  BlockVector known(prepared_.num_steps(), prepared_.block_size(), 1);
  for (std::size_t step = 0; step < known.num_blocks(); ++step) {
    for (std::size_t i = 0; i < known.block_size(); ++i) known.block(step)(i, 0) = normal();
  }
  for (std::size_t k = 0; k < priors_.size(); ++k) priors_[k].color(known, k * prepared_.num_nodes());
  const auto fields = project(known);
  std::vector<DenseMatrix> data;
  for (std::size_t group = 0; group < observations().size(); ++group) data.push_back(predictor(fields, group));
  auto rhs = transposed_predictor(data);
  const auto prior_share = prior_product(known);
  for (std::size_t step = 0; step < rhs.num_blocks(); ++step) {
    for (std::size_t i = 0; i < rhs.block_size(); ++i) rhs.block(step)(i, 0) += prior_share.block(step)(i, 0);
  }
  auto own = precision_->right_hand_side(prepared_.backend(), std::move(rhs));
  factor_->solve(own);
  const auto found = precision_->solution(prepared_.backend(), std::move(own));
  double squares = 0.0;
  double total = 0.0;
  for (std::size_t step = 0; step < found.num_blocks(); ++step) {
    for (std::size_t i = 0; i < found.block_size(); ++i) {
      const double value = std::as_const(known).block(step)(i, 0);
      const double error = found.block(step)(i, 0) - value;
      squares += error * error;
      total += value * value;
    }
  }
  rounding_error_ = std::sqrt(squares / total);
  if (rounding_error_ < largest_rounding_error) return;
  char text[400];
  std::snprintf(
      text, sizeof(text),
      "The posterior precision must keep the prior to a relative error of %.0e, found %.1e: the data outweigh "
      "the prior by noise precision times prior variance = %.3g, more than double precision can hold for "
      "this mesh. Lower the (fixed) noise precision.",
      largest_rounding_error, rounding_error_, ratio);
  throw NotPositiveDefinite(
      text, {{"dataToPrior", ratio}, {"relativeError", rounding_error_}, {"limit", largest_rounding_error}});
}

std::vector<double> Posterior::likelihood_parameters(std::size_t group) const {
  std::vector<double> parameters;
  for (const auto index : prepared_.layout().likelihood(group)) parameters.push_back(theta_[index]);
  return parameters;
}

std::vector<double> Posterior::mean_predictor(std::size_t group) const {
  const auto& observed = observations()[group];
  const auto design = observed.design();
  std::vector<double> eta(design.rows);
  if (observed.is_gaussian()) {
    for (std::size_t i = 0; i < eta.size(); ++i) eta[i] = design(i, 0) - residuals_[group](i, 0);
    return eta;
  }
  // Working observations eta + l'/W are huge where the curvature W is tiny: less the residual they would leave no
  // digits.
  const auto& fields = states_->by_process[group];
  std::fill(eta.begin(), eta.end(), 0.0);
  for (std::size_t k = 0; k < fields.size(); ++k) {
    const double weight = lower(observed.process(), k);
    for (std::size_t i = 0; i < eta.size(); ++i) eta[i] += weight * fields[k](i, 0);
  }
  const std::size_t offset = prepared_.fixed_effect_offset(observed.process());
  for (std::size_t c = 0; c < observed.num_covariates(); ++c) {
    for (std::size_t i = 0; i < eta.size(); ++i) eta[i] += design(i, 1 + c) * fixed_effects_[offset + c];
  }
  return eta;
}

void Posterior::assemble_objective() {
  const auto& layout = prepared_.layout();
  // Energy at the mean, from its own residuals and field: no difference of two energies.
  double log_evidence = -0.5 * prior_energy(column_of(states_->spectral, 0), fixed_effects_);
  double log_marginal = log_evidence;  // with log y! from the start: added later, large ones round all else away
  for (std::size_t group = 0; group < observations().size(); ++group) {
    const auto& observed = observations()[group];
    for (const double value : observed.log_jacobians()) log_marginal += value;
    if (observed.is_gaussian()) {
      const auto residual = std::as_const(residuals_[group]).view().block(0, 0, observed.num_observations(), 1);
      const double squares = observed.weighted_inner_products(residual, residual)(0, 0);
      const auto count = static_cast<double>(observed.num_observations());
      const double twice =
          count * theta_[layout.likelihood(group)[0]] + observed.sum_log_weights() - noise_precisions_[group] * squares;
      log_evidence += 0.5 * twice;
      log_marginal += 0.5 * (twice - count * std::log(2.0 * std::numbers::pi));
      continue;
    }
    const auto parameters = likelihood_parameters(group);
    const auto eta = mean_predictor(group);
    for (std::size_t i = 0; i < eta.size(); ++i) {
      const auto& datum = observed.data()[i];
      const double log_density = observed.likelihood().terms(datum, eta[i], parameters).log_density;
      log_evidence += log_density - observed.likelihood().dropped_constant(datum);
      log_marginal += log_density;
    }
  }
  double log_prior_theta = 0.0;
  for (std::size_t i = 0; i < theta_.size(); ++i) {
    log_prior_theta += log_prior(prepared_.model().priors[i], theta_[i]).log_density;
  }
  double prior_spectral = prepared_.border().log_determinant(layout, theta_);
  for (const auto& prior : priors_) prior_spectral += prior.log_determinant();
  const double posterior_field = data_space_ ? data_space_->log_determinant() : factor_->log_determinant();
  const double posterior_spectral = posterior_field + log_determinant_border_;
  // log|Q| in nodal coordinates: dz = |V' C0^1/2| dx for each process and step.
  const double mass =
      static_cast<double>(prepared_.num_processes() * prepared_.num_steps()) * prepared_.basis().log_mass();
  log_determinant_prior_ = prior_spectral + mass;
  log_determinant_posterior_ = posterior_spectral + (is_spectral_ ? mass : 0.0);
  const double occam = is_spectral_ ? 0.5 * (prior_spectral - posterior_spectral)
                                    : 0.5 * (log_determinant_prior_ - log_determinant_posterior_);
  objective_ = -(log_prior_theta + (log_evidence + occam));
  log_marginal_likelihood_ = log_marginal + occam;
}

SelectedInverseSummary Posterior::for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const {
  if (data_space_) {
    const std::vector<std::size_t> steps{0};
    visit(StepCovariance{steps, data_space_->covariance(), {}});
    return {.num_groups = 1, .reason = "covariance of the data"};
  }
  try {
    return factor_->for_each_covariance(visit, detail);
  } catch (const NotPositiveDefinite& error) {
    Facts facts = error.facts();
    facts.emplace_back("theta", theta_);
    throw NotPositiveDefinite(error.what(), std::move(facts));
  }
}

}  // namespace tramontana

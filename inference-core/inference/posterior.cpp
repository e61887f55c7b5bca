// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior.hpp"

#include <cmath>
#include <numbers>
#include <utility>

#include "inference/small_dense.hpp"
#include "model/priors.hpp"

namespace tramontana {
namespace {

/** x M for every block of x. */
BlockVector combine_columns(const Backend& backend, const BlockVector& x, ConstMatrixView m) {
  BlockVector result(x.num_blocks(), x.block_size(), m.columns);
  for (std::size_t step = 0; step < x.num_blocks(); ++step) {
    backend.multiply(Transpose::no, Transpose::no, 1.0, x.block(step), m, 0.0, result.block(step));
  }
  return result;
}

DenseMatrix combine_columns(const Backend& backend, const DenseMatrix& x, ConstMatrixView m) {
  DenseMatrix result(x.rows(), m.columns);
  backend.multiply(Transpose::no, Transpose::no, 1.0, x.view(), m, 0.0, result.view());
  return result;
}

/** result += alpha a' W a over the steps: the Gram matrix of two sets of columns. */
void add_inner_products(const Backend& backend, const BlockVector& a, const BlockVector& b, DenseMatrix& result) {
  for (std::size_t step = 0; step < a.num_blocks(); ++step) {
    backend.multiply(Transpose::yes, Transpose::no, 1.0, a.block(step), b.block(step), 1.0, result.view());
  }
}

SelectedInverseMethod method_of(EvaluationOptions::SelectedInverse choice) {
  switch (choice) {
    case EvaluationOptions::SelectedInverse::backward:
      return SelectedInverseMethod::backward;
    case EvaluationOptions::SelectedInverse::two_filter:
      return SelectedInverseMethod::two_filter;
    case EvaluationOptions::SelectedInverse::automatic:
      break;
  }
  return SelectedInverseMethod::automatic;
}

}  // namespace

Posterior::Posterior(const PreparedModel& prepared, std::span<const double> theta, const EvaluationOptions& options,
                     const CancellationToken* cancellation)
    : prepared_(prepared),
      theta_(theta.begin(), theta.end()),
      options_(options),
      cancellation_(cancellation),
      recursion_{options.steady_state_tolerance} {
  prepared_.check_theta(theta);
  try {
    factorise();
    solve_mean();
  } catch (const NotPositiveDefinite& error) {
    Facts facts = error.facts();
    facts.emplace_back("theta", theta_);
    throw NotPositiveDefinite(error.what(), std::move(facts));
  }
  assemble_objective();
}

void Posterior::factorise() {
  const auto& layout = prepared_.layout();
  coregionalisation_ = coregionalisation_matrix(layout, theta_);
  priors_.reserve(prepared_.num_processes());
  for (std::size_t process = 0; process < prepared_.num_processes(); ++process) {
    noise_precisions_.push_back(std::exp(theta_[layout.noise(process)]));
    std::vector<double> parameters;
    for (const auto index : layout.field(process)) parameters.push_back(theta_[index]);
    priors_.emplace_back(prepared_.latent(), prepared_.basis().eigenvalues(), parameters);
  }
  const auto basis = options_.coordinates == EvaluationOptions::Coordinates::spectral ? CoordinateBasis::spectral
                                                                                      : CoordinateBasis::nodal;
  precision_ = make_joint_precision(
      basis, {&prepared_.basis(), &priors_, &prepared_.observations(), coregionalisation_, noise_precisions_},
      prepared_.model().g1, prepared_.model().c0);
  filter_.emplace(*precision_, prepared_.backend(), recursion_, cancellation_);
}

ProjectedFields Posterior::project(BlockVector spectral) const {
  const auto nodal = prepared_.basis().to_nodal(prepared_.backend(), spectral);
  ProjectedFields fields{std::move(spectral), {}};
  fields.by_process.resize(prepared_.num_processes());
  for (std::size_t j = 0; j < prepared_.num_processes(); ++j) {
    for (std::size_t k = 0; k <= j; ++k) {
      fields.by_process[j].push_back(prepared_.observations()[j].project(nodal, k * prepared_.num_nodes()));
    }
  }
  return fields;
}

DenseMatrix Posterior::predictor(const ProjectedFields& fields, std::size_t response) const {
  const auto& by_process = fields.by_process[response];
  auto result = DenseMatrix::zero(by_process[0].rows(), by_process[0].columns());
  const std::size_t count = result.rows() * result.columns();
  for (std::size_t k = 0; k <= response; ++k) {
    const double weight = lower(response, k);
    for (std::size_t i = 0; i < count; ++i) result.data()[i] += weight * by_process[k].data()[i];
  }
  return result;
}

BlockVector Posterior::transposed_predictor(const std::vector<DenseMatrix>& w) const {
  BlockVector nodal(prepared_.num_steps(), prepared_.block_size(), w[0].columns());
  for (std::size_t j = 0; j < prepared_.num_processes(); ++j) {
    const auto& observations = prepared_.observations()[j];
    DenseMatrix weighted = w[j];
    for (std::size_t column = 0; column < weighted.columns(); ++column) {
      for (std::size_t i = 0; i < weighted.rows(); ++i) weighted(i, column) *= observations.weights()[i];
    }
    for (std::size_t k = 0; k <= j; ++k) {
      observations.add_transposed_projection(noise_precisions_[j] * lower(j, k), std::as_const(weighted).view(), nodal,
                                             k * prepared_.num_nodes());
    }
  }
  return prepared_.basis().dual_to_spectral(prepared_.backend(), nodal);
}

void Posterior::solve_mean() {
  const auto& backend = prepared_.backend();
  const std::size_t num_fixed = prepared_.num_fixed_effects();
  const std::size_t num_columns = 1 + num_fixed;
  const std::size_t num_nodes = prepared_.num_nodes();
  // Right-hand sides A' D [y X]; a covariate of one response drives only the processes that feed this response.
  BlockVector rhs(prepared_.num_steps(), prepared_.block_size(), num_columns);
  for (std::size_t j = 0; j < prepared_.num_processes(); ++j) {
    const auto& data = prepared_.observations()[j].data_terms();
    for (std::size_t step = 0; step < prepared_.num_steps(); ++step) {
      for (std::size_t source = 0; source < data.num_columns(); ++source) {
        const std::size_t target = source == 0 ? 0 : prepared_.fixed_effect_offset(j) + source;
        const double* from = data.block(step).column(source);
        for (std::size_t k = 0; k <= j; ++k) {
          const double weight = noise_precisions_[j] * lower(j, k);
          double* to = rhs.block(step).column(target) + k * num_nodes;
          for (std::size_t i = 0; i < num_nodes; ++i) to[i] += weight * from[i];
        }
      }
    }
  }
  auto own = precision_->right_hand_side(backend, std::move(rhs));
  filter_->solve(*precision_, backend, own);
  auto fields = project(precision_->solution(backend, std::move(own)));

  // Residuals [y - A y0, X - A Y] and their energy.
  auto energy = DenseMatrix::zero(num_columns, num_columns);
  std::vector<DenseMatrix> residuals;
  for (std::size_t j = 0; j < prepared_.num_processes(); ++j) {
    const auto& observations = prepared_.observations()[j];
    auto residual = predictor(fields, j);
    for (std::size_t i = 0; i < residual.rows() * num_columns; ++i) residual.data()[i] = -residual.data()[i];
    for (std::size_t source = 0; source <= observations.num_covariates(); ++source) {
      const std::size_t target = source == 0 ? 0 : prepared_.fixed_effect_offset(j) + source;
      for (std::size_t i = 0; i < residual.rows(); ++i) residual(i, target) += observations.design()(i, source);
    }
    const auto products =
        observations.weighted_inner_products(std::as_const(residual).view(), std::as_const(residual).view());
    for (std::size_t i = 0; i < num_columns * num_columns; ++i) {
      energy.data()[i] += noise_precisions_[j] * products.data()[i];
    }
    residuals.push_back(std::move(residual));
  }
  BlockVector prior_product(prepared_.num_steps(), prepared_.block_size(), num_columns);
  for (std::size_t k = 0; k < priors_.size(); ++k) priors_[k].apply(fields.spectral, k * num_nodes, prior_product);
  add_inner_products(backend, fields.spectral, prior_product, energy);

  const double fixed_precision = prepared_.model().fixed_effects_prior_precision;
  DenseMatrix schur(num_fixed, num_fixed);
  for (std::size_t j = 0; j < num_fixed; ++j) {
    for (std::size_t i = 0; i < num_fixed; ++i) schur(i, j) = energy(1 + i, 1 + j);
    schur(j, j) += fixed_precision;
  }
  const auto factor = small_cholesky(schur, "Schur complement of the fixed effects");
  const auto inverse_factor = small_triangular_inverse(factor);
  fixed_effect_covariance_ = small_product(inverse_factor, true, inverse_factor);
  log_determinant_border_ = 0.0;
  for (std::size_t i = 0; i < num_fixed; ++i) log_determinant_border_ += 2.0 * std::log(factor(i, i));
  fixed_effects_.assign(num_fixed, 0.0);
  for (std::size_t j = 0; j < num_fixed; ++j) {
    for (std::size_t i = 0; i < num_fixed; ++i) fixed_effects_[i] += fixed_effect_covariance_(i, j) * energy(1 + j, 0);
  }

  // Columns of the states: the mean (1, -beta), the border (0, -L^-T).
  auto combination = DenseMatrix::zero(num_columns, num_columns);
  state_fixed_effects_ = DenseMatrix::zero(num_fixed, num_columns);
  combination(0, 0) = 1.0;
  for (std::size_t i = 0; i < num_fixed; ++i) {
    combination(1 + i, 0) = -fixed_effects_[i];
    state_fixed_effects_(i, 0) = fixed_effects_[i];
    for (std::size_t c = i; c < num_fixed; ++c) {
      combination(1 + i, 1 + c) = -inverse_factor(c, i);
      state_fixed_effects_(i, 1 + c) = inverse_factor(c, i);
    }
  }
  const auto mix = std::as_const(combination).view();
  ProjectedFields states{combine_columns(backend, fields.spectral, mix), {}};
  states.by_process.resize(prepared_.num_processes());
  border_.emplace(prepared_.num_steps(), prepared_.block_size(), num_fixed);
  for (std::size_t step = 0; step < prepared_.num_steps(); ++step) {
    const auto source = std::as_const(fields.spectral).block(step);
    std::copy_n(source.column(0) + source.rows, source.rows * num_fixed, border_->block(step).data);
  }
  for (std::size_t j = 0; j < prepared_.num_processes(); ++j) {
    for (const auto& values : fields.by_process[j]) {
      states.by_process[j].push_back(combine_columns(backend, values, mix));
    }
    residuals_.push_back(combine_columns(backend, residuals[j], mix));
    DenseMatrix border_residual(residuals[j].rows(), num_fixed);
    std::copy_n(residuals[j].data() + residuals[j].rows(), residuals[j].rows() * num_fixed, border_residual.data());
    border_residuals_.push_back(std::move(border_residual));
  }
  states_.emplace(std::move(states));
}

void Posterior::assemble_objective() {
  const auto& layout = prepared_.layout();
  const std::size_t num_nodes = prepared_.num_nodes();
  // Energy at the mean, once more from its own residuals and field: no difference of two energies.
  BlockVector mean(prepared_.num_steps(), prepared_.block_size(), 1);
  for (std::size_t step = 0; step < prepared_.num_steps(); ++step) {
    std::copy_n(std::as_const(states_->spectral).block(step).column(0), prepared_.block_size(),
                mean.block(step).column(0));
  }
  BlockVector product(prepared_.num_steps(), prepared_.block_size(), 1);
  double prior_log_determinant = 0.0;
  for (std::size_t k = 0; k < priors_.size(); ++k) {
    priors_[k].apply(mean, k * num_nodes, product);
    prior_log_determinant += priors_[k].log_determinant();
  }
  auto quadratic = DenseMatrix::zero(1, 1);
  add_inner_products(prepared_.backend(), mean, product, quadratic);
  energy_ = quadratic(0, 0);
  const double fixed_precision = prepared_.model().fixed_effects_prior_precision;
  for (const double effect : fixed_effects_) energy_ += fixed_precision * effect * effect;
  double log_likelihood_constants = 0.0;
  for (std::size_t j = 0; j < prepared_.num_processes(); ++j) {
    const auto& observations = prepared_.observations()[j];
    const auto residual = std::as_const(residuals_[j]).view().block(0, 0, residuals_[j].rows(), 1);
    energy_ += noise_precisions_[j] * observations.weighted_inner_products(residual, residual)(0, 0);
    log_likelihood_constants += 0.5 * (static_cast<double>(observations.num_observations()) * theta_[layout.noise(j)] +
                                       observations.sum_log_weights());
  }
  double log_prior_theta = 0.0;
  for (std::size_t i = 0; i < theta_.size(); ++i) {
    log_prior_theta += log_prior(prepared_.model().priors[i], theta_[i]).log_density;
  }
  const double prior_border = static_cast<double>(prepared_.num_fixed_effects()) * std::log(fixed_precision);
  const double prior_spectral = prior_log_determinant + prior_border;
  const double posterior_spectral = filter_->log_determinant() + log_determinant_border_;
  // log|Q| in nodal coordinates: dz = |V' C0^1/2| dx for each process and step.
  const double mass =
      static_cast<double>(prepared_.num_processes() * prepared_.num_steps()) * prepared_.basis().log_mass();
  const bool is_spectral = options_.coordinates == EvaluationOptions::Coordinates::spectral;
  log_determinant_prior_ = prior_spectral + mass;
  log_determinant_posterior_ = posterior_spectral + (is_spectral ? mass : 0.0);
  const double half_log_ratio = is_spectral ? 0.5 * (prior_spectral - posterior_spectral)
                                            : 0.5 * (log_determinant_prior_ - log_determinant_posterior_);
  const double log_evidence = log_likelihood_constants + half_log_ratio - 0.5 * energy_;
  objective_ = -(log_prior_theta + log_evidence);
  log_marginal_likelihood_ =
      log_evidence - 0.5 * static_cast<double>(prepared_.num_observations()) * std::log(2.0 * std::numbers::pi);
}

BlockVector Posterior::solve_for_data(std::vector<DenseMatrix>& w) const {
  const auto& backend = prepared_.backend();
  auto own = precision_->right_hand_side(backend, transposed_predictor(w));
  filter_->solve(*precision_, backend, own);
  auto fields = project(precision_->solution(backend, std::move(own)));
  const std::size_t num_fixed = prepared_.num_fixed_effects();
  const std::size_t num_columns = w[0].columns();
  auto rhs = DenseMatrix::zero(num_fixed, num_columns);
  for (std::size_t j = 0; j < prepared_.num_processes(); ++j) {
    const auto& observations = prepared_.observations()[j];
    const auto eta = predictor(fields, j);
    for (std::size_t i = 0; i < eta.rows() * num_columns; ++i) w[j].data()[i] -= eta.data()[i];
    const auto design = observations.design().block(0, 1, w[j].rows(), observations.num_covariates());
    const auto products = observations.weighted_inner_products(design, std::as_const(w[j]).view());
    for (std::size_t column = 0; column < num_columns; ++column) {
      for (std::size_t c = 0; c < products.rows(); ++c) {
        rhs(prepared_.fixed_effect_offset(j) + c, column) += noise_precisions_[j] * products(c, column);
      }
    }
  }
  if (num_fixed == 0) return std::move(fields.spectral);
  const auto effects = small_product(fixed_effect_covariance_, false, rhs);
  for (std::size_t j = 0; j < prepared_.num_processes(); ++j) {
    backend.multiply(Transpose::no, Transpose::no, -1.0, border_residuals_[j].view(), effects.view(), 1.0, w[j].view());
  }
  for (std::size_t step = 0; step < prepared_.num_steps(); ++step) {
    backend.multiply(Transpose::no, Transpose::no, -1.0, std::as_const(*border_).block(step), effects.view(), 1.0,
                     fields.spectral.block(step));
  }
  return std::move(fields.spectral);
}

SelectedInverseSummary Posterior::for_each_covariance(const CovarianceVisitor& visit) const {
  try {
    return tramontana::for_each_covariance(*precision_, *filter_, prepared_.backend(), recursion_,
                                           method_of(options_.selected_inverse), cancellation_, visit);
  } catch (const NotPositiveDefinite& error) {
    Facts facts = error.facts();
    facts.emplace_back("theta", theta_);
    throw NotPositiveDefinite(error.what(), std::move(facts));
  }
}

std::string Posterior::recursion_summary() const {
  const std::size_t num_steps = prepared_.num_steps();
  std::string summary = options_.coordinates == EvaluationOptions::Coordinates::spectral ? "spectral; " : "nodal; ";
  summary += std::to_string(filter_->num_distinct()) + " distinct of " + std::to_string(num_steps) +
             (num_steps == 1 ? " step" : " steps");
  if (filter_->steady_from() < num_steps) {
    summary += "; steady state at step " + std::to_string(filter_->steady_from() + 1);
  }
  return summary;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/field_recursion.hpp"

#include <cmath>
#include <cstdio>
#include <utility>

#include "inference/posterior/evaluation_ranks.hpp"
#include "kernels/random_normal.hpp"

namespace tramontana {
namespace {

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

FactorOptions factor_options(const EvaluationOptions& options) {
  return {
      {options.steady_state_tolerance, doubling_for(options)}, method_of(options.selected_inverse), ranks_of(options)};
}

/** @throws NotPositiveDefinite */
double require_small(double error, double data_to_prior) {
  if (error < largest_rounding_error) return error;
  char text[400];
  std::snprintf(
      text, sizeof(text),
      "The posterior precision must keep the prior to a relative error of %.0e, found %.1e: the data outweigh "
      "the prior by noise precision times prior variance = %.3g, more than double precision can hold for "
      "this mesh. Lower the (fixed) noise precision.",
      largest_rounding_error, error, data_to_prior);
  throw NotPositiveDefinite(
      text, {{"dataToPrior", data_to_prior}, {"relativeError", error}, {"limit", largest_rounding_error}});
}

}  // namespace

std::unique_ptr<const JointPrecision> joint_precision_of(const PredictorMap& map, CoordinateBasis basis) {
  const auto& prior = map.prior();
  const auto& prepared = prior.prepared();
  return make_joint_precision(
      basis,
      {&prepared.basis(), &prior.fields(), &map.observations(), prior.coregionalisation(), prior.noise_precisions()},
      prepared.model().g1, prepared.model().c0, prepared.backend());
}

FieldRecursion::FieldRecursion(const PredictorMap& map, CoordinateBasis basis, const EvaluationOptions& options,
                               std::optional<double> data_to_prior, const CancellationToken* cancellation)
    : map_(map),
      basis_(basis),
      precision_(joint_precision_of(map, basis)),
      factor_(factorise(*precision_, map.prior().prepared().backend(), factor_options(options), cancellation)),
      rounding_error_(data_to_prior ? require_small(measured_error(), *data_to_prior) : 0.0) {}

BlockVector FieldRecursion::solve_precision(BlockVector spectral) const {
  const auto& backend = map_.prior().prepared().backend();
  auto own = precision_->right_hand_side(backend, std::move(spectral));
  factor_->solve(own);
  return precision_->solution(backend, std::move(own));
}

FieldSolution FieldRecursion::solution(BlockVector spectral, std::vector<DenseMatrix> w) const {
  auto fields = map_.project(std::move(spectral));
  auto predictor = map_.predictors(fields);
  for (std::size_t group = 0; group < w.size(); ++group) {
    auto& residual = w[group];
    for (std::size_t i = 0; i < residual.rows() * residual.columns(); ++i) {
      residual.data()[i] -= predictor[group].data()[i];
    }
  }
  return {std::move(fields), std::move(predictor), std::move(w)};
}

FieldSolution FieldRecursion::solve(const std::vector<DenseMatrix>& w) const {
  return solution(solve_precision(map_.transposed(w)), w);
}

FieldSolution FieldRecursion::solve_design(const std::vector<DenseMatrix>& design) const {
  return solution(solve_precision(transposed_design(design[0].columns())), design);
}

BlockVector FieldRecursion::transposed_design(std::size_t num_columns) const {
  const auto& prior = map_.prior();
  const auto& prepared = prior.prepared();
  const std::size_t num_nodes = prepared.num_nodes();
  BlockVector result(prepared.num_steps(), prepared.block_size(), num_columns);
  for (std::size_t group = 0; group < map_.observations().size(); ++group) {
    const auto& observed = map_.observations()[group];
    const auto& terms = observed.data_terms();
    for (std::size_t step = 0; step < prepared.num_steps(); ++step) {
      for (std::size_t source = 0; source < terms.num_columns(); ++source) {
        const double* from = terms.block(step).column(source);
        // A covariate of one response drives only the processes that feed this response.
        for (std::size_t k = 0; k <= observed.process(); ++k) {
          const double weight = prior.noise_precision(group) * prior.lower(observed.process(), k);
          double* to = result.block(step).column(prepared.design_column(observed.process(), source)) + k * num_nodes;
          for (std::size_t i = 0; i < num_nodes; ++i) to[i] += weight * from[i];
        }
      }
    }
  }
  return result;
}

double FieldRecursion::mass_within() const {
  return basis_ == CoordinateBasis::nodal ? map_.prior().prepared().log_mass() : 0.0;
}

double FieldRecursion::observed_covariance(std::size_t group, std::size_t process,
                                           const CovarianceMoments& moments) const {
  const auto& prior = map_.prior();
  const std::size_t response = map_.observations()[group].process();
  const std::size_t first = process * prior.prepared().num_processes();
  double covariance = 0.0;
  for (std::size_t l = 0; l <= response; ++l) {
    covariance += prior.lower(response, l) * moments.observed[group][first + l];
  }
  return covariance;
}

double FieldRecursion::measured_error() const {
  const auto& prior = map_.prior();
  const auto& prepared = prior.prepared();
  RandomNormal normal(probe_seed);
  BlockVector known(prepared.num_steps(), prepared.block_size(), 1);
  for (std::size_t step = 0; step < known.num_blocks(); ++step) {
    for (std::size_t i = 0; i < known.block_size(); ++i) known.block(step)(i, 0) = normal();
  }
  for (std::size_t k = 0; k < prior.fields().size(); ++k) prior.fields()[k].color(known, k * prepared.num_nodes());
  auto rhs = map_.transposed(map_.predictors(map_.project(known)));
  const auto prior_share = prior.product(known);
  for (std::size_t step = 0; step < rhs.num_blocks(); ++step) {
    for (std::size_t i = 0; i < rhs.block_size(); ++i) rhs.block(step)(i, 0) += prior_share.block(step)(i, 0);
  }
  const auto found = solve_precision(std::move(rhs));
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
  return std::sqrt(squares / total);
}

std::string FieldRecursion::description() const {
  return (basis_ == CoordinateBasis::spectral ? "spectral; " : "nodal; ") + factor_->description();
}

}  // namespace tramontana

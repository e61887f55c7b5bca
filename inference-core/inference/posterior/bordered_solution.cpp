// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/bordered_solution.hpp"

#include <cmath>
#include <utility>

#include "inference/posterior/block_algebra.hpp"
#include "inference/posterior/small_dense.hpp"

namespace tramontana {
namespace {

/** x M for every block of x. */
BlockVector combine_columns(const Backend& backend, const BlockVector& x, ConstMatrixView m) {
  BlockVector result(x.num_blocks(), x.block_size(), m.columns);
  for (std::size_t step = 0; step < x.num_blocks(); ++step) {
    backend.dense().multiply(Transpose::no, Transpose::no, 1.0, x.block(step), m, 0.0, result.block(step));
  }
  return result;
}

DenseMatrix combine_columns(const Backend& backend, const DenseMatrix& x, ConstMatrixView m) {
  DenseMatrix result(x.rows(), m.columns);
  backend.dense().multiply(Transpose::no, Transpose::no, 1.0, x.view(), m, 0.0, result.view());
  return result;
}

/** [y X] per group, X in the columns of the border. */
std::vector<DenseMatrix> bordered_design(const PredictorMap& map) {
  const auto& prepared = map.prior().prepared();
  std::vector<DenseMatrix> design;
  for (std::size_t group = 0; group < map.observations().size(); ++group) {
    const auto& observed = map.observations()[group];
    design.push_back(DenseMatrix::zero(observed.num_observations(), 1 + prepared.num_border_columns()));
    for (std::size_t source = 0; source <= observed.num_covariates(); ++source) {
      std::copy_n(observed.design().column(source), observed.num_observations(),
                  design.back().view().column(prepared.design_column(observed.process(), source)));
    }
  }
  return design;
}

/** [y X]' P [y X] without P_b, as the energy of residuals and fields. */
DenseMatrix energy_of(const PredictorMap& map, const FieldSolution& solution) {
  const auto& prior = map.prior();
  const std::size_t num_columns = solution.fields.spectral.num_columns();
  auto energy = DenseMatrix::zero(num_columns, num_columns);
  for (std::size_t group = 0; group < map.observations().size(); ++group) {
    const auto residual = solution.residuals[group].view();
    const auto products = map.observations()[group].weighted_inner_products(residual, residual);
    for (std::size_t i = 0; i < num_columns * num_columns; ++i) {
      energy.data()[i] += prior.noise_precision(group) * products.data()[i];
    }
  }
  add_inner_products(prior.prepared().backend(), solution.fields.spectral, prior.product(solution.fields.spectral),
                     energy);
  return energy;
}

/** The Gaussian of the effects, fields integrated out. */
struct EffectsGiven {
  std::vector<double> mean;
  DenseMatrix covariance;
  DenseMatrix inverse_factor;  ///< of S_beta = L L'
  double log_determinant = 0.0;
};

EffectsGiven effects_given(const DenseMatrix& energy, const DenseMatrix& border_precision) {
  const std::size_t num_effects = border_precision.rows();
  DenseMatrix schur(num_effects, num_effects);
  for (std::size_t j = 0; j < num_effects; ++j) {
    for (std::size_t i = 0; i < num_effects; ++i) schur(i, j) = energy(1 + i, 1 + j) + border_precision(i, j);
  }
  const auto factor = small_cholesky(schur, "Schur complement of the fixed and random effects");
  EffectsGiven given{std::vector<double>(num_effects, 0.0), {}, small_triangular_inverse(factor), 0.0};
  given.covariance = small_product(given.inverse_factor, true, given.inverse_factor);
  for (std::size_t j = 0; j < num_effects; ++j) {
    given.log_determinant += 2.0 * std::log(factor(j, j));
    for (std::size_t i = 0; i < num_effects; ++i) given.mean[i] += given.covariance(i, j) * energy(1 + j, 0);
  }
  return given;
}

}  // namespace

BorderedSolution solve_bordered(const PredictorMap& map, const FieldConditional& field) {
  const auto& backend = map.prior().prepared().backend();
  const auto solution = field.solve_design(bordered_design(map));
  auto given = effects_given(energy_of(map, solution), map.prior().border_precision());
  const std::size_t num_effects = given.mean.size();

  // Columns of the states: the mean (1, -beta), the border (0, -L^-T).
  auto combination = DenseMatrix::zero(1 + num_effects, 1 + num_effects);
  auto state_effects = DenseMatrix::zero(num_effects, 1 + num_effects);
  combination(0, 0) = 1.0;
  for (std::size_t i = 0; i < num_effects; ++i) {
    combination(1 + i, 0) = -given.mean[i];
    state_effects(i, 0) = given.mean[i];
    for (std::size_t c = i; c < num_effects; ++c) {
      combination(1 + i, 1 + c) = -given.inverse_factor(c, i);
      state_effects(i, 1 + c) = given.inverse_factor(c, i);
    }
  }
  const auto mix = std::as_const(combination).view();
  BorderedSolution result{
      {combine_columns(backend, solution.fields.spectral, mix), {}},
      {},
      std::move(state_effects),
      std::move(given.mean),
      std::move(given.covariance),
      given.log_determinant,
      BlockVector(solution.fields.spectral.num_blocks(), solution.fields.spectral.block_size(), num_effects),
      {}};
  for (std::size_t step = 0; step < result.border.num_blocks(); ++step) {
    const auto source = solution.fields.spectral.block(step);
    std::copy_n(source.column(0) + source.rows, source.rows * num_effects, result.border.block(step).data);
  }
  result.states.by_process.resize(solution.residuals.size());
  for (std::size_t group = 0; group < solution.residuals.size(); ++group) {
    for (const auto& values : solution.fields.by_process[group]) {
      result.states.by_process[group].push_back(combine_columns(backend, values, mix));
    }
    const auto& residual = solution.residuals[group];
    result.residuals.push_back(combine_columns(backend, residual, mix));
    DenseMatrix border_residual(residual.rows(), num_effects);
    std::copy_n(residual.data() + residual.rows(), residual.rows() * num_effects, border_residual.data());
    result.border_residuals.push_back(std::move(border_residual));
  }
  return result;
}

}  // namespace tramontana

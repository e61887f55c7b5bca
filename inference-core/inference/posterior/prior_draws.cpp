// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/prior_draws.hpp"

#include <cmath>

#include "inference/posterior/small_dense.hpp"

namespace tramontana {
namespace {

/** Whether each column of the border belongs to a random effect. */
std::vector<bool> random_columns(const BorderPrior& border) {
  std::vector<bool> is_random(border.num_columns(), false);
  for (const auto& effect : border.effects()) {
    for (std::size_t level = 0; level < effect.structure.rows(); ++level) is_random[effect.offset + level] = true;
  }
  return is_random;
}

}  // namespace

LatentDraws draw_prior(const PriorAtTheta& prior, std::span<RandomNormal> streams, FixedEffectDraws fixed_effects) {
  const auto& prepared = prior.prepared();
  LatentDraws draws{BlockVector(prepared.num_steps(), prepared.block_size(), streams.size()),
                    DenseMatrix::zero(prepared.num_border_columns(), streams.size())};
  for (std::size_t column = 0; column < streams.size(); ++column) {
    for (std::size_t step = 0; step < prepared.num_steps(); ++step) {
      double* values = draws.field.block(step).column(column);
      for (std::size_t i = 0; i < prepared.block_size(); ++i) values[i] = streams[column]();
    }
  }
  for (std::size_t k = 0; k < prepared.num_processes(); ++k) {
    prior.fields()[k].color(draws.field, k * prepared.num_nodes());
  }
  const bool draws_fixed = fixed_effects == FixedEffectDraws::drawn && prepared.num_border_columns() > 0;
  if (!draws_fixed && prepared.border().effects().empty()) return draws;
  const auto is_random = random_columns(prepared.border());
  const auto inverse_factor = small_triangular_inverse(small_cholesky(prior.border_precision(), "prior of the border"));
  for (std::size_t column = 0; column < streams.size(); ++column) {
    for (std::size_t j = 0; j < draws.effects.rows(); ++j) {
      if (!draws_fixed && !is_random[j]) continue;
      const double white = streams[column]();
      for (std::size_t i = 0; i <= j; ++i) draws.effects(i, column) += inverse_factor(j, i) * white;
    }
  }
  return draws;
}

std::vector<DenseMatrix> simulate_data(const PredictorMap& map, const LatentDraws& draws,
                                       std::span<RandomNormal> streams) {
  const auto projected = map.project(draws.field);
  std::vector<DenseMatrix> result;
  for (std::size_t group = 0; group < map.observations().size(); ++group) {
    const auto& observed = map.observations()[group];
    const auto design = observed.design();
    const std::size_t offset = map.prior().prepared().fixed_effect_offset(observed.process());
    auto values = map.predictor(projected, group);
    for (std::size_t column = 0; column < values.columns(); ++column) {
      for (std::size_t i = 0; i < values.rows(); ++i) {
        for (std::size_t c = 0; c < observed.num_covariates(); ++c) {
          values(i, column) += design(i, 1 + c) * draws.effects(offset + c, column);
        }
        const double precision = map.prior().noise_precision(group) * observed.weights()[i];
        if (precision > 0.0) values(i, column) += streams[column]() / std::sqrt(precision);
      }
    }
    result.push_back(std::move(values));
  }
  return result;
}

}  // namespace tramontana

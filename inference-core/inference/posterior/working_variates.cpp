// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/working_variates.hpp"

#include <optional>
#include <utility>

namespace tramontana {
namespace {

/** dL/dlambda = L e_target e_source' L at (response, process). */
double lambda_derivative(const GaussianConditional& posterior, const LambdaEntry& entry, std::size_t response,
                         std::size_t process) {
  if (response < entry.target || process > entry.source) return 0.0;
  return posterior.prior().lower(response, entry.target) * posterior.prior().lower(entry.source, process);
}

/** Columns of the parameters of a group's own likelihood. */
void add_likelihood_variates(const GaussianConditional& posterior, const Conditional& data, std::size_t group,
                             DenseMatrix& w) {
  const auto& observed = posterior.observations()[group];
  const auto& indices = posterior.prepared().layout().likelihood(group);
  if (observed.is_gaussian()) {
    for (std::size_t i = 0; i < w.rows(); ++i) w(i, indices[0]) -= data.residuals[group](i, 0);
    return;
  }
  const auto parameters = posterior.prior().likelihood_parameters(group);
  const auto eta = posterior.mean_predictor(group);
  for (std::size_t p = 0; p < indices.size(); ++p) {
    for (std::size_t i = 0; i < w.rows(); ++i) {
      const auto slope = observed.likelihood().parameter_terms(observed.data()[i], eta[i], parameters, p).score_slope;
      w(i, indices[p]) -= slope / observed.weights()[i];
    }
  }
}

}  // namespace

Conditional observed_data(const GaussianConditional& posterior) {
  Conditional data{column_of(posterior.solution().states.spectral, 0), posterior.solution().effects, {}};
  for (const auto& residual : posterior.solution().residuals) data.residuals.push_back(column_of(residual, 0));
  return data;
}

std::vector<DenseMatrix> working_variates(const GaussianConditional& posterior, const Conditional& data) {
  const auto& prepared = posterior.prepared();
  const auto& layout = prepared.layout();
  const auto& observations = posterior.observations();
  const std::size_t d = layout.size();
  const std::size_t n = prepared.num_processes();
  const std::size_t num_nodes = prepared.num_nodes();
  // Columns of Q_p^-1 (...) for prior parameters and lambdas; those of tau stay zero.
  BlockVector fields(prepared.num_steps(), prepared.block_size(), d);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < layout.field(k).size(); ++i) {
      posterior.prior().fields()[k].add_derivative_product(i, data.field, k * num_nodes, 0, fields, layout.field(k)[i]);
    }
  }
  for (std::size_t step = 0; step < fields.num_blocks(); ++step) {
    auto block = fields.block(step);
    for (std::size_t column = 0; column < d; ++column) {
      for (std::size_t i = 0; i < block.rows; ++i) block(i, column) = -block(i, column);
    }
  }
  if (!layout.lambdas().empty()) {
    // A' W r of every response, as columns.
    BlockVector by_response(prepared.num_steps(), num_nodes, n);
    for (std::size_t group = 0; group < observations.size(); ++group) {
      const auto& observed = observations[group];
      DenseMatrix weighted = DenseMatrix::zero(data.residuals[group].rows(), n);
      for (std::size_t i = 0; i < weighted.rows(); ++i) {
        weighted(i, observed.process()) =
            posterior.prior().noise_precision(group) * observed.weights()[i] * data.residuals[group](i, 0);
      }
      observed.add_transposed_projection(1.0, std::as_const(weighted).view(), by_response, 0);
    }
    by_response = prepared.basis().dual_to_spectral(prepared.backend(), by_response);
    for (const auto& entry : layout.lambdas()) {
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t k = 0; k <= j; ++k) {
          const double slope = lambda_derivative(posterior, entry, j, k);
          if (slope == 0.0) continue;
          for (std::size_t step = 0; step < prepared.num_steps(); ++step) {
            const double* source = std::as_const(by_response).block(step).column(j);
            double* target = fields.block(step).column(entry.theta_index) + k * num_nodes;
            for (std::size_t i = 0; i < num_nodes; ++i) target[i] += slope * source[i];
          }
        }
      }
    }
  }
  for (std::size_t k = 0; k < n; ++k) posterior.prior().fields()[k].solve(fields, k * num_nodes);
  const auto projected = posterior.map().project(std::move(fields));
  std::optional<ProjectedFields> mean;
  if (!layout.lambdas().empty()) mean = posterior.map().project(data.field);

  std::vector<DenseMatrix> variates;
  for (std::size_t group = 0; group < observations.size(); ++group) {
    const std::size_t j = observations[group].process();
    auto w = posterior.map().predictor(projected, group);
    add_likelihood_variates(posterior, data, group, w);
    for (std::size_t e = 0; e < prepared.border().effects().size(); ++e) {
      const auto& effect = prepared.border().effects()[e];
      if (effect.process != j) continue;
      const auto design = observations[group].design();
      const std::size_t first_level = 1 + effect.offset - prepared.fixed_effect_offset(j);
      for (std::size_t level = 0; level < effect.structure.rows(); ++level) {
        for (std::size_t i = 0; i < w.rows(); ++i) {
          w(i, layout.random_effect(e)) -= design(i, first_level + level) * data.effects[effect.offset + level];
        }
      }
    }
    for (const auto& entry : layout.lambdas()) {
      for (std::size_t k = 0; k <= j; ++k) {
        const double slope = lambda_derivative(posterior, entry, j, k);
        if (slope == 0.0) continue;
        for (std::size_t i = 0; i < w.rows(); ++i) w(i, entry.theta_index) += slope * mean->by_process[group][k](i, 0);
      }
    }
    variates.push_back(std::move(w));
  }
  return variates;
}

std::vector<DenseMatrix> predictor_derivatives(const GaussianConditional& posterior) {
  const auto& layout = posterior.prepared().layout();
  const auto w = working_variates(posterior, observed_data(posterior));
  auto slopes = posterior.solve_for_data(w).predictor;
  for (std::size_t group = 0; group < w.size(); ++group) {
    std::vector<bool> is_likelihood(layout.size(), false);
    for (std::size_t other = 0; other < w.size(); ++other) {
      for (const auto index : layout.likelihood(other)) is_likelihood[index] = true;
    }
    // d eta = w - A Q_c^-1 A' W w where the prior or A moves; where the score moves, w stands for -W^-1 dl' and
    // d eta = A Q_c^-1 A' dl'.
    for (std::size_t t = 0; t < layout.size(); ++t) {
      for (std::size_t i = 0; i < w[group].rows(); ++i) {
        slopes[group](i, t) = (is_likelihood[t] ? 0.0 : w[group](i, t)) - slopes[group](i, t);
      }
    }
  }
  return slopes;
}

}  // namespace tramontana

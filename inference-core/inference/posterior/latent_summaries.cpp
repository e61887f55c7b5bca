// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/latent_summaries.hpp"

#include <utility>

namespace tramontana {

BlockVector response_fields(const PriorAtTheta& prior, const BlockVector& spectral, std::size_t response) {
  const auto& prepared = prior.prepared();
  const std::size_t num_nodes = prepared.num_nodes();
  BlockVector combined(spectral.num_blocks(), num_nodes, spectral.num_columns());
  for (std::size_t step = 0; step < spectral.num_blocks(); ++step) {
    for (std::size_t column = 0; column < spectral.num_columns(); ++column) {
      double* target = combined.block(step).column(column);
      for (std::size_t k = 0; k <= response; ++k) {
        const double weight = prior.lower(response, k);
        const double* source = spectral.block(step).column(column) + k * num_nodes;
        for (std::size_t i = 0; i < num_nodes; ++i) target[i] += weight * source[i];
      }
    }
  }
  return prepared.basis().to_nodal(prepared.backend(), combined);
}

BlockVector response_states(const GaussianConditional& posterior, std::size_t response) {
  return response_fields(posterior.prior(), posterior.solution().states.spectral, response);
}

std::vector<double> latent_mean(const GaussianConditional& posterior) {
  const auto& prepared = posterior.prepared();
  const std::size_t num_nodes = prepared.num_nodes();
  std::vector<double> mean(prepared.num_steps() * prepared.block_size());
  for (std::size_t response = 0; response < prepared.num_processes(); ++response) {
    const auto states = response_states(posterior, response);
    for (std::size_t step = 0; step < prepared.num_steps(); ++step) {
      std::copy_n(states.block(step).column(0), num_nodes,
                  mean.begin() + static_cast<std::ptrdiff_t>(step * prepared.block_size() + response * num_nodes));
    }
  }
  mean.insert(mean.end(), posterior.solution().effects.begin(), posterior.solution().effects.end());
  return mean;
}

MarginalVariances::MarginalVariances(const GaussianConditional& posterior) : posterior_(posterior) {
  const auto& prepared = posterior.prepared();
  const std::size_t num_nodes = prepared.num_nodes();
  variances_.assign(prepared.num_steps() * prepared.block_size() + prepared.num_border_columns(), 0.0);
  // What all ranks know alike is counted once.
  if (!posterior.visitors().is_root()) return;
  for (std::size_t response = 0; response < prepared.num_processes(); ++response) {
    const auto states = response_states(posterior, response);
    for (std::size_t step = 0; step < prepared.num_steps(); ++step) {
      double* target = variances_.data() + step * prepared.block_size() + response * num_nodes;
      for (std::size_t column = 1; column < states.num_columns(); ++column) {
        const double* border = states.block(step).column(column);
        for (std::size_t i = 0; i < num_nodes; ++i) target[i] += border[i] * border[i];
      }
    }
  }
  for (std::size_t i = 0; i < prepared.num_border_columns(); ++i) {
    variances_[prepared.num_steps() * prepared.block_size() + i] = posterior.solution().effect_covariance(i, i);
  }
}

std::vector<double> MarginalVariances::take() {
  posterior_.visitors().sum(variances_);
  return std::move(variances_);
}

void MarginalVariances::visit(const StepCovariance& group) {
  StepVariances variances(posterior_, group);
  visit(variances);
}

void MarginalVariances::visit(StepVariances& variances) {
  const auto& prepared = posterior_.prepared();
  const auto& group = variances.group();
  for (std::size_t response = 0; response < prepared.num_processes(); ++response) {
    const auto share = variances.nodes(response);
    for (const auto step : group.steps) {
      double* target = variances_.data() + step * prepared.block_size() + response * prepared.num_nodes();
      for (std::size_t i = 0; i < share.size(); ++i) target[i] += share[i];
    }
  }
}

}  // namespace tramontana

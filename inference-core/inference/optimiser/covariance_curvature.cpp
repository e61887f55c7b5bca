// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/covariance_curvature.hpp"

#include <utility>

namespace tramontana {
namespace {

/** Step of the differences in theta: truncation and rounding are both near 1e-8 of the result. */
constexpr double difference_step = 1e-4;

/** A' p of every response in spectral coordinates. */
std::vector<BlockVector> transposed_data(const PredictorMap& map, const std::vector<DenseMatrix>& residuals) {
  const auto& prepared = map.prior().prepared();
  std::vector<BlockVector> nodal;
  for (std::size_t j = 0; j < prepared.num_processes(); ++j) {
    nodal.emplace_back(prepared.num_steps(), prepared.num_nodes(), 1);
  }
  for (std::size_t group = 0; group < residuals.size(); ++group) {
    const auto& observed = map.observations()[group];
    DenseMatrix weighted = residuals[group];
    for (std::size_t i = 0; i < weighted.rows(); ++i) weighted(i, 0) *= observed.weights()[i];
    observed.add_transposed_projection(map.prior().noise_precision(group), std::as_const(weighted).view(),
                                       nodal[observed.process()], 0);
  }
  std::vector<BlockVector> spectral;
  for (const auto& response : nodal) {
    spectral.push_back(prepared.basis().dual_to_spectral(prepared.backend(), response));
  }
  return spectral;
}

double inner_product(const BlockVector& a, const BlockVector& b) {
  double total = 0.0;
  for (std::size_t step = 0; step < a.num_blocks(); ++step) {
    const double* left = a.block(step).column(0);
    const double* right = b.block(step).column(0);
    for (std::size_t i = 0; i < a.block_size(); ++i) total += left[i] * right[i];
  }
  return total;
}

/** Gradient by the parameters of fields and coregionalisation of p' V p, the share of the processes in [first, last).
 */
std::vector<double> covariance_slope(const PreparedModel& prepared, std::span<const double> theta,
                                     const std::vector<BlockVector>& data, std::size_t first, std::size_t last) {
  const auto& layout = prepared.layout();
  const std::size_t n = prepared.num_processes();
  const auto lower = coregionalisation_matrix(layout, theta);
  std::vector<double> slope(layout.size(), 0.0);
  std::vector<double> by_entry(n * n, 0.0);
  for (std::size_t k = first; k < last; ++k) {
    BlockVector field(prepared.num_steps(), prepared.num_nodes(), 1);
    for (std::size_t step = 0; step < field.num_blocks(); ++step) {
      double* target = field.block(step).column(0);
      for (std::size_t j = k; j < n; ++j) {
        const double* source = data[j].block(step).column(0);
        for (std::size_t i = 0; i < field.block_size(); ++i) target[i] += lower[j * n + k] * source[i];
      }
    }
    std::vector<double> parameters;
    for (const auto index : layout.field(k)) parameters.push_back(theta[index]);
    const FieldPrior prior(prepared.latent(), prepared.basis().eigenvalues(), parameters);
    prior.solve(field, 0);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      BlockVector product(prepared.num_steps(), prepared.num_nodes(), 1);
      prior.add_derivative_product(p, field, 0, 0, product, 0);
      slope[layout.field(k)[p]] = -inner_product(field, product);
    }
    for (std::size_t j = k; j < n; ++j) by_entry[j * n + k] = 2.0 * inner_product(data[j], field);
  }
  add_lambda_gradient(layout, lower, by_entry, slope);
  return slope;
}

}  // namespace

std::vector<double> covariance_curvature(const PredictorMap& map, const std::vector<DenseMatrix>& residuals,
                                         std::span<const double> effects) {
  const auto& prepared = map.prior().prepared();
  const auto& layout = prepared.layout();
  const std::size_t d = layout.size();
  const auto data = transposed_data(map, residuals);
  std::vector<double> curvature(d * d, 0.0);
  const auto add_row = [&](std::size_t index, std::size_t first, std::size_t last) {
    auto theta = map.prior().theta();
    theta[index] += difference_step;
    const auto above = covariance_slope(prepared, theta, data, first, last);
    theta[index] -= 2.0 * difference_step;
    const auto below = covariance_slope(prepared, theta, data, first, last);
    for (std::size_t i = 0; i < d; ++i) {
      const double second = (above[i] - below[i]) / (2.0 * difference_step);
      curvature[index * d + i] += 0.5 * second;
      curvature[i * d + index] += 0.5 * second;
    }
  };
  for (std::size_t k = 0; k < prepared.num_processes(); ++k) {
    for (const auto index : layout.field(k)) add_row(index, k, k + 1);
  }
  for (const auto& entry : layout.lambdas()) add_row(entry.theta_index, 0, prepared.num_processes());
  // Noise 1/tau and random effects P_b^-1 = e^-theta R^-1: the second derivative by the log precision is the term.
  for (std::size_t group = 0; group < residuals.size(); ++group) {
    const auto& observed = map.observations()[group];
    const double squares = observed.weighted_inner_products(residuals[group].view(), residuals[group].view())(0, 0);
    const auto index = layout.likelihood(group)[0];
    curvature[index * d + index] += map.prior().noise_precision(group) * squares;
  }
  for (std::size_t e = 0; e < prepared.border().effects().size(); ++e) {
    const auto& effect = prepared.border().effects()[e];
    double energy = 0.0;
    for (std::size_t j = 0; j < effect.structure.rows(); ++j) {
      for (std::size_t i = 0; i < effect.structure.rows(); ++i) {
        energy += effects[effect.offset + i] * map.prior().border_precision()(effect.offset + i, effect.offset + j) *
                  effects[effect.offset + j];
      }
    }
    const auto index = layout.random_effect(e);
    curvature[index * d + index] += energy;
  }
  return curvature;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/curvature.hpp"

#include <cmath>
#include <utility>

#include "inference/random_normal.hpp"
#include "model/priors.hpp"

namespace tramontana {
namespace {

/** Data, in the wider sense: the field mean mu of one column and the residual r = y - A mu - X beta per response. */
struct Conditional {
  BlockVector field;
  std::vector<DenseMatrix> residuals;
};

DenseMatrix first_column(const DenseMatrix& m) {
  DenseMatrix result(m.rows(), 1);
  std::copy_n(m.data(), m.rows(), result.data());
  return result;
}

BlockVector first_column(const BlockVector& m) {
  BlockVector result(m.num_blocks(), m.block_size(), 1);
  for (std::size_t step = 0; step < m.num_blocks(); ++step) {
    std::copy_n(m.block(step).column(0), m.block_size(), result.block(step).column(0));
  }
  return result;
}

/** dL/dlambda = L e_target e_source' L at (response, process). */
double lambda_derivative(const Posterior& posterior, const LambdaEntry& entry, std::size_t response,
                         std::size_t process) {
  if (response < entry.target || process > entry.source) return 0.0;
  return posterior.lower(response, entry.target) * posterior.lower(entry.source, process);
}

/**
 * The working variates w_i = dV_i P y of all components of theta, per response m_j x d.
 *
 *     prior parameter:  w = -A Q_p^-1 (dQ_p) mu
 *     log tau_j:        w = -r on response j
 *     lambda:           w = dA mu + A Q_p^-1 dA' D r
 */
std::vector<DenseMatrix> working_variates(const Posterior& posterior, const Conditional& data) {
  const auto& prepared = posterior.prepared();
  const auto& layout = prepared.layout();
  const std::size_t d = layout.size();
  const std::size_t n = prepared.num_processes();
  const std::size_t num_nodes = prepared.num_nodes();
  // Columns of Q_p^-1 (...) for prior parameters and lambdas; those of tau stay zero.
  BlockVector fields(prepared.num_steps(), prepared.block_size(), d);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < layout.field(k).size(); ++i) {
      posterior.priors()[k].add_derivative_product(i, data.field, k * num_nodes, 0, fields, layout.field(k)[i]);
    }
  }
  for (std::size_t step = 0; step < fields.num_blocks(); ++step) {
    auto block = fields.block(step);
    for (std::size_t column = 0; column < d; ++column) {
      for (std::size_t i = 0; i < block.rows; ++i) block(i, column) = -block(i, column);
    }
  }
  if (!layout.lambdas().empty()) {
    // A_j' W_j r_j of every response, as columns; process 0 holds the result.
    BlockVector by_response(prepared.num_steps(), num_nodes, n);
    for (std::size_t j = 0; j < n; ++j) {
      const auto& observations = prepared.observations()[j];
      DenseMatrix weighted = DenseMatrix::zero(data.residuals[j].rows(), n);
      for (std::size_t i = 0; i < weighted.rows(); ++i) {
        weighted(i, j) = posterior.noise_precision(j) * observations.weights()[i] * data.residuals[j](i, 0);
      }
      observations.add_transposed_projection(1.0, std::as_const(weighted).view(), by_response, 0);
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
  for (std::size_t k = 0; k < n; ++k) posterior.priors()[k].solve(fields, k * num_nodes);
  const auto projected = posterior.project(std::move(fields));
  std::optional<ProjectedFields> mean;
  if (!layout.lambdas().empty()) mean = posterior.project(data.field);

  std::vector<DenseMatrix> variates;
  for (std::size_t j = 0; j < n; ++j) {
    auto w = posterior.predictor(projected, j);
    for (std::size_t i = 0; i < w.rows(); ++i) w(i, layout.noise(j)) -= data.residuals[j](i, 0);
    for (const auto& entry : layout.lambdas()) {
      for (std::size_t k = 0; k <= j; ++k) {
        const double slope = lambda_derivative(posterior, entry, j, k);
        if (slope == 0.0) continue;
        for (std::size_t i = 0; i < w.rows(); ++i) w(i, entry.theta_index) += slope * mean->by_process[j][k](i, 0);
      }
    }
    variates.push_back(std::move(w));
  }
  return variates;
}

/** 1/2 w' P w, row-major. */
std::vector<double> information(const Posterior& posterior, const Conditional& data) {
  const auto& prepared = posterior.prepared();
  const std::size_t d = prepared.layout().size();
  const auto w = working_variates(posterior, data);
  auto residual = w;
  static_cast<void>(posterior.solve_for_data(residual));
  std::vector<double> result(d * d, 0.0);
  for (std::size_t j = 0; j < prepared.num_processes(); ++j) {
    const auto product = prepared.observations()[j].weighted_inner_products(w[j].view(), residual[j].view());
    for (std::size_t a = 0; a < d; ++a) {
      for (std::size_t b = 0; b < d; ++b) {
        // P is symmetric: averaging the two triangles removes what the solve left of asymmetry.
        result[a * d + b] += 0.25 * posterior.noise_precision(j) * (product(a, b) + product(b, a));
      }
    }
  }
  return result;
}

/** Draws y = A x + e from the model at theta and conditions on it. The fixed effects are zero: P removes them. */
Conditional simulate(const Posterior& posterior, RandomNormal& normal) {
  const auto& prepared = posterior.prepared();
  BlockVector field(prepared.num_steps(), prepared.block_size(), 1);
  for (std::size_t step = 0; step < field.num_blocks(); ++step) {
    auto block = field.block(step);
    for (std::size_t i = 0; i < block.rows; ++i) block(i, 0) = normal();
  }
  for (std::size_t k = 0; k < prepared.num_processes(); ++k) {
    posterior.priors()[k].color(field, k * prepared.num_nodes());
  }
  const auto projected = posterior.project(std::move(field));
  std::vector<DenseMatrix> y;
  for (std::size_t j = 0; j < prepared.num_processes(); ++j) {
    auto values = posterior.predictor(projected, j);
    const auto& weights = prepared.observations()[j].weights();
    for (std::size_t i = 0; i < values.rows(); ++i) {
      values(i, 0) += normal() / std::sqrt(posterior.noise_precision(j) * weights[i]);
    }
    y.push_back(std::move(values));
  }
  auto mean = posterior.solve_for_data(y);
  return {std::move(mean), std::move(y)};
}

}  // namespace

std::vector<double> average_information(const Posterior& posterior) {
  Conditional data{first_column(posterior.states().spectral), {}};
  for (const auto& residual : posterior.residuals()) data.residuals.push_back(first_column(residual));
  return information(posterior, data);
}

std::vector<double> simulated_fisher_information(const Posterior& posterior, std::uint64_t seed,
                                                 std::size_t num_simulations) {
  RandomNormal normal(seed);
  std::vector<double> sum(posterior.theta().size() * posterior.theta().size(), 0.0);
  for (std::size_t simulation = 0; simulation < num_simulations; ++simulation) {
    const auto share = information(posterior, simulate(posterior, normal));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += share[i] / static_cast<double>(num_simulations);
  }
  return sum;
}

std::vector<double> curvature_model(const Posterior& posterior, std::uint64_t seed) {
  auto model = average_information(posterior);
  const auto fisher = simulated_fisher_information(posterior, seed, 1);
  const std::size_t d = posterior.theta().size();
  for (std::size_t i = 0; i < model.size(); ++i) model[i] = 0.5 * (model[i] + fisher[i]);
  for (std::size_t i = 0; i < d; ++i) {
    model[i * d + i] -= log_prior(posterior.prepared().model().priors[i], posterior.theta()[i]).curvature;
  }
  return model;
}

}  // namespace tramontana

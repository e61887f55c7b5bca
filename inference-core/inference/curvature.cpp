// SPDX-License-Identifier: Apache-2.0
#include "inference/curvature.hpp"

#include <cmath>
#include <utility>

#include "inference/covariance_curvature.hpp"
#include "inference/information_mean.hpp"
#include "inference/random_normal.hpp"
#include "inference/small_dense.hpp"
#include "model/priors.hpp"

namespace tramontana {
namespace {

/** Data, in the wider sense: field mean mu and border effects, and r = y - A mu - X beta per group, one column each. */
struct Conditional {
  BlockVector field;
  std::vector<double> effects;
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

Conditional observed_data(const Posterior& posterior) {
  Conditional data{first_column(posterior.states().spectral), posterior.fixed_effects(), {}};
  for (const auto& residual : posterior.residuals()) data.residuals.push_back(first_column(residual));
  return data;
}

/** dL/dlambda = L e_target e_source' L at (response, process). */
double lambda_derivative(const Posterior& posterior, const LambdaEntry& entry, std::size_t response,
                         std::size_t process) {
  if (response < entry.target || process > entry.source) return 0.0;
  return posterior.lower(response, entry.target) * posterior.lower(entry.source, process);
}

/** Columns of the parameters of a group's own likelihood. */
void add_likelihood_variates(const Posterior& posterior, const Conditional& data, std::size_t group, DenseMatrix& w) {
  const auto& observed = posterior.observations()[group];
  const auto& indices = posterior.prepared().layout().likelihood(group);
  if (observed.is_gaussian()) {
    for (std::size_t i = 0; i < w.rows(); ++i) w(i, indices[0]) -= data.residuals[group](i, 0);
    return;
  }
  const auto parameters = posterior.likelihood_parameters(group);
  const auto eta = posterior.mean_predictor(group);
  for (std::size_t p = 0; p < indices.size(); ++p) {
    for (std::size_t i = 0; i < w.rows(); ++i) {
      const auto slope = observed.likelihood().parameter_terms(observed.data()[i], eta[i], parameters, p).score_slope;
      w(i, indices[p]) -= slope / observed.weights()[i];
    }
  }
}

/**
 * The working variates w_i = dV_i P y of all components of theta, per group m_g x d.
 *
 *     prior parameter:       w = -A Q_p^-1 (dQ_p) mu
 *     random effect:         w = -Z b
 *     log tau_g:             w = -r on group g
 *     likelihood parameter:  w = -W^-1 dl' on group g
 *     lambda:                w = dA mu + A Q_p^-1 dA' D r
 */
std::vector<DenseMatrix> working_variates(const Posterior& posterior, const Conditional& data) {
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
    // A' W r of every response, as columns.
    BlockVector by_response(prepared.num_steps(), num_nodes, n);
    for (std::size_t group = 0; group < observations.size(); ++group) {
      const auto& observed = observations[group];
      DenseMatrix weighted = DenseMatrix::zero(data.residuals[group].rows(), n);
      for (std::size_t i = 0; i < weighted.rows(); ++i) {
        weighted(i, observed.process()) =
            posterior.noise_precision(group) * observed.weights()[i] * data.residuals[group](i, 0);
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
  for (std::size_t k = 0; k < n; ++k) posterior.priors()[k].solve(fields, k * num_nodes);
  const auto projected = posterior.project(std::move(fields));
  std::optional<ProjectedFields> mean;
  if (!layout.lambdas().empty()) mean = posterior.project(data.field);

  std::vector<DenseMatrix> variates;
  for (std::size_t group = 0; group < observations.size(); ++group) {
    const std::size_t j = observations[group].process();
    auto w = posterior.predictor(projected, group);
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

/** 1/2 w' P w, row-major. */
std::vector<double> information(const Posterior& posterior, const Conditional& data) {
  const std::size_t d = posterior.prepared().layout().size();
  auto w = working_variates(posterior, data);
  // What a likelihood that is not Gaussian knows of its own parameters comes as expected information: its working
  // variates divide by weights that outliers bring near zero.
  for (std::size_t group = 0; group < w.size(); ++group) {
    if (posterior.observations()[group].is_gaussian()) continue;
    for (const auto index : posterior.prepared().layout().likelihood(group)) {
      for (std::size_t i = 0; i < w[group].rows(); ++i) w[group](i, index) = 0.0;
    }
  }
  const auto conditional = posterior.solve_for_data(w);
  std::vector<double> result(d * d, 0.0);
  for (std::size_t group = 0; group < w.size(); ++group) {
    DenseMatrix residual = w[group];
    for (std::size_t i = 0; i < residual.rows() * d; ++i) {
      residual.data()[i] -= conditional.predictor[group].data()[i];
    }
    const auto product = posterior.observations()[group].weighted_inner_products(w[group].view(), residual.view());
    for (std::size_t a = 0; a < d; ++a) {
      for (std::size_t b = 0; b < d; ++b) {
        // P is symmetric: averaging the two triangles removes what the solve left of asymmetry.
        result[a * d + b] += 0.25 * posterior.noise_precision(group) * (product(a, b) + product(b, a));
      }
    }
  }
  return result;
}

/** Field, effects and residuals of a conditional mean for the data w of one column. */
Conditional residual_of(const std::vector<DenseMatrix>& w, ConditionalMean mean) {
  Conditional data{std::move(mean.field), {}, {}};
  data.effects.assign(mean.effects.data(), mean.effects.data() + mean.effects.rows());
  for (std::size_t group = 0; group < w.size(); ++group) {
    DenseMatrix residual = w[group];
    for (std::size_t i = 0; i < residual.rows(); ++i) residual(i, 0) -= mean.predictor[group](i, 0);
    data.residuals.push_back(std::move(residual));
  }
  return data;
}

/** Draws y = A x + Z b + e from the model at theta and conditions on it. Fixed effects are zero: P removes them. */
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
  std::vector<double> effects(prepared.num_fixed_effects(), 0.0);
  for (const auto& effect : prepared.border().effects()) {
    const std::size_t count = effect.structure.rows();
    DenseMatrix precision(count, count);
    for (std::size_t j = 0; j < count; ++j) {
      for (std::size_t i = 0; i < count; ++i) {
        precision(i, j) = posterior.border_precision()(effect.offset + i, effect.offset + j);
      }
    }
    const auto inverse_factor = small_triangular_inverse(small_cholesky(precision, "prior of a random effect"));
    for (std::size_t j = 0; j < count; ++j) {
      const double white = normal();
      for (std::size_t i = 0; i <= j; ++i) effects[effect.offset + i] += inverse_factor(j, i) * white;
    }
  }
  std::vector<DenseMatrix> y;
  for (std::size_t group = 0; group < posterior.observations().size(); ++group) {
    const auto& observed = posterior.observations()[group];
    auto values = posterior.predictor(projected, group);
    const std::size_t offset = prepared.fixed_effect_offset(observed.process());
    for (std::size_t c = 0; c < observed.num_covariates(); ++c) {
      if (effects[offset + c] == 0.0) continue;
      for (std::size_t i = 0; i < values.rows(); ++i) values(i, 0) += observed.design()(i, 1 + c) * effects[offset + c];
    }
    for (std::size_t i = 0; i < values.rows(); ++i) {
      // Working weights of outliers may be negative: they tell nothing, and take no noise.
      const double precision = posterior.noise_precision(group) * observed.weights()[i];
      if (precision > 0.0) values(i, 0) += normal() / std::sqrt(precision);
    }
    y.push_back(std::move(values));
  }
  return residual_of(y, posterior.solve_for_data(y));
}

/** Data information on the parameters of likelihoods that are not Gaussian, beyond what moves the predictor. */
void add_likelihood_information(const Posterior& posterior, std::vector<double>& model) {
  const std::size_t d = posterior.theta().size();
  for (std::size_t group = 0; group < posterior.observations().size(); ++group) {
    const auto& observed = posterior.observations()[group];
    if (observed.is_gaussian()) continue;
    const auto parameters = posterior.likelihood_parameters(group);
    for (std::size_t p = 0; p < parameters.size(); ++p) {
      const auto index = posterior.prepared().layout().likelihood(group)[p];
      model[index * d + index] +=
          static_cast<double>(observed.num_observations()) * observed.likelihood().parameter_information(parameters, p);
    }
  }
}

}  // namespace

std::vector<DenseMatrix> predictor_derivatives(const Posterior& posterior) {
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

std::vector<double> average_information(const Posterior& posterior) {
  return information(posterior, observed_data(posterior));
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

CurvatureEstimate estimate_curvature(const Posterior& posterior, std::uint64_t seed, std::size_t num_simulations) {
  const std::size_t d = posterior.theta().size();
  const bool is_gaussian = posterior.prepared().is_gaussian();
  const auto data = observed_data(posterior);
  const auto average = information(posterior, data);
  std::vector<double> fisher(d * d, 0.0);
  std::vector<double> second_order(d * d, 0.0);
  const auto add_second_order = [&](const Conditional& of, double scale) {
    if (!is_gaussian) return;
    const auto share = covariance_curvature(posterior, of.residuals, of.effects);
    for (std::size_t i = 0; i < share.size(); ++i) second_order[i] += scale * share[i];
  };
  add_second_order(data, -0.5);
  RandomNormal normal(seed);
  const double share_of_one = 1.0 / static_cast<double>(num_simulations);
  for (std::size_t simulation = 0; simulation < num_simulations; ++simulation) {
    const auto simulated = simulate(posterior, normal);
    const auto share = information(posterior, simulated);
    for (std::size_t i = 0; i < share.size(); ++i) fisher[i] += share_of_one * share[i];
    add_second_order(simulated, 0.5 * share_of_one);
  }
  CurvatureEstimate estimate{logarithmic_mean(posterior.prepared().backend(), average, fisher), {}};
  add_likelihood_information(posterior, estimate.positive);
  for (std::size_t i = 0; i < d; ++i) {
    estimate.positive[i * d + i] -= log_prior(posterior.prepared().model().priors[i], posterior.theta()[i]).curvature;
  }
  estimate.observed = estimate.positive;
  if (!is_gaussian) return estimate;
  for (std::size_t i = 0; i < d * d; ++i) estimate.observed[i] = 2.0 * average[i] - fisher[i] + second_order[i];
  for (std::size_t i = 0; i < d; ++i) {
    estimate.observed[i * d + i] -= log_prior(posterior.prepared().model().priors[i], posterior.theta()[i]).curvature;
  }
  return estimate;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "inference/posterior/posterior.hpp"
#include "inference/posterior/small_dense.hpp"

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

/** result += a' b, summed over the steps. */
void add_inner_products(const Backend& backend, const BlockVector& a, const BlockVector& b, DenseMatrix& result) {
  for (std::size_t step = 0; step < a.num_blocks(); ++step) {
    backend.multiply(Transpose::yes, Transpose::no, 1.0, a.block(step), b.block(step), 1.0, result.view());
  }
}

}  // namespace

ProjectedFields Posterior::project(BlockVector spectral) const {
  const auto nodal = prepared_.basis().to_nodal(prepared_.backend(), spectral);
  ProjectedFields fields{std::move(spectral), {}};
  fields.by_process.resize(observations().size());
  for (std::size_t group = 0; group < observations().size(); ++group) {
    for (std::size_t k = 0; k <= observations()[group].process(); ++k) {
      fields.by_process[group].push_back(observations()[group].project(nodal, k * prepared_.num_nodes()));
    }
  }
  return fields;
}

DenseMatrix Posterior::predictor(const ProjectedFields& fields, std::size_t group) const {
  const auto& by_process = fields.by_process[group];
  auto result = DenseMatrix::zero(by_process[0].rows(), by_process[0].columns());
  const std::size_t count = result.rows() * result.columns();
  for (std::size_t k = 0; k < by_process.size(); ++k) {
    const double weight = lower(observations()[group].process(), k);
    for (std::size_t i = 0; i < count; ++i) result.data()[i] += weight * by_process[k].data()[i];
  }
  return result;
}

BlockVector Posterior::transposed_predictor(const std::vector<DenseMatrix>& w) const {
  BlockVector nodal(prepared_.num_steps(), prepared_.block_size(), w[0].columns());
  for (std::size_t group = 0; group < observations().size(); ++group) {
    const auto& observed = observations()[group];
    DenseMatrix weighted = w[group];
    for (std::size_t column = 0; column < weighted.columns(); ++column) {
      for (std::size_t i = 0; i < weighted.rows(); ++i) weighted(i, column) *= observed.weights()[i];
    }
    for (std::size_t k = 0; k <= observed.process(); ++k) {
      observed.add_transposed_projection(noise_precisions_[group] * lower(observed.process(), k),
                                         std::as_const(weighted).view(), nodal, k * prepared_.num_nodes());
    }
  }
  return prepared_.basis().dual_to_spectral(prepared_.backend(), nodal);
}

void Posterior::solve_mean() {
  const auto& backend = prepared_.backend();
  const std::size_t num_fixed = prepared_.num_border_columns();
  const std::size_t num_columns = 1 + num_fixed;
  const std::size_t num_nodes = prepared_.num_nodes();
  const auto target_of = [&](const ObservationModel& observed, std::size_t source) {
    return source == 0 ? 0 : prepared_.fixed_effect_offset(observed.process()) + source;
  };
  std::vector<DenseMatrix> data;
  for (std::size_t group = 0; data_space_ && group < observations().size(); ++group) {
    const auto& observed = observations()[group];
    data.push_back(DenseMatrix::zero(observed.num_observations(), num_columns));
    for (std::size_t source = 0; source <= observed.num_covariates(); ++source) {
      std::copy_n(observed.design().column(source), observed.num_observations(),
                  data.back().view().column(target_of(observed, source)));
    }
  }
  std::optional<DataSpace::Solution> direct;
  if (data_space_) direct.emplace(data_space_->solve(data));
  const auto recursion = [&] {
    // Right-hand sides A' D [y X]; a covariate of one response drives only the processes that feed this response.
    BlockVector rhs(prepared_.num_steps(), prepared_.block_size(), num_columns);
    for (std::size_t group = 0; group < observations().size(); ++group) {
      const auto& observed = observations()[group];
      const auto& data = observed.data_terms();
      for (std::size_t step = 0; step < prepared_.num_steps(); ++step) {
        for (std::size_t source = 0; source < data.num_columns(); ++source) {
          const double* from = data.block(step).column(source);
          for (std::size_t k = 0; k <= observed.process(); ++k) {
            const double weight = noise_precisions_[group] * lower(observed.process(), k);
            double* to = rhs.block(step).column(target_of(observed, source)) + k * num_nodes;
            for (std::size_t i = 0; i < num_nodes; ++i) to[i] += weight * from[i];
          }
        }
      }
    }
    auto own = precision_->right_hand_side(backend, std::move(rhs));
    factor_->solve(own);
    return precision_->solution(backend, std::move(own));
  };
  auto fields = project(direct ? std::move(direct->field) : recursion());

  // Residuals [y - A y0, X - A Y] and their energy.
  auto energy = DenseMatrix::zero(num_columns, num_columns);
  std::vector<DenseMatrix> residuals;
  for (std::size_t group = 0; group < observations().size(); ++group) {
    const auto& observed = observations()[group];
    auto residual = direct ? std::move(direct->residuals[group]) : predictor(fields, group);
    if (!direct) {
      for (std::size_t i = 0; i < residual.rows() * num_columns; ++i) residual.data()[i] = -residual.data()[i];
      for (std::size_t source = 0; source <= observed.num_covariates(); ++source) {
        const std::size_t target = target_of(observed, source);
        for (std::size_t i = 0; i < residual.rows(); ++i) residual(i, target) += observed.design()(i, source);
      }
    }
    const auto products =
        observed.weighted_inner_products(std::as_const(residual).view(), std::as_const(residual).view());
    for (std::size_t i = 0; i < num_columns * num_columns; ++i) {
      energy.data()[i] += noise_precisions_[group] * products.data()[i];
    }
    residuals.push_back(std::move(residual));
  }
  add_inner_products(backend, fields.spectral, prior_product(fields.spectral), energy);

  DenseMatrix schur(num_fixed, num_fixed);
  for (std::size_t j = 0; j < num_fixed; ++j) {
    for (std::size_t i = 0; i < num_fixed; ++i) schur(i, j) = energy(1 + i, 1 + j) + border_precision_(i, j);
  }
  const auto factor = small_cholesky(schur, "Schur complement of the fixed and random effects");
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
  states.by_process.resize(observations().size());
  border_.emplace(prepared_.num_steps(), prepared_.block_size(), num_fixed);
  for (std::size_t step = 0; step < prepared_.num_steps(); ++step) {
    const auto source = std::as_const(fields.spectral).block(step);
    std::copy_n(source.column(0) + source.rows, source.rows * num_fixed, border_->block(step).data);
  }
  residuals_.clear();
  border_residuals_.clear();
  for (std::size_t j = 0; j < observations().size(); ++j) {
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

BlockVector Posterior::prior_product(const BlockVector& field) const {
  BlockVector product(prepared_.num_steps(), prepared_.block_size(), field.num_columns());
  for (std::size_t k = 0; k < priors_.size(); ++k) priors_[k].apply(field, k * prepared_.num_nodes(), product);
  return product;
}

double Posterior::prior_energy(const BlockVector& field, std::span<const double> effects) const {
  auto quadratic = DenseMatrix::zero(1, 1);
  add_inner_products(prepared_.backend(), field, prior_product(field), quadratic);
  double energy = quadratic(0, 0);
  for (std::size_t j = 0; j < effects.size(); ++j) {
    for (std::size_t i = 0; i < effects.size(); ++i) energy += effects[i] * border_precision_(i, j) * effects[j];
  }
  return energy;
}

ConditionalMean Posterior::solve_for_data(const std::vector<DenseMatrix>& w) const {
  const auto& backend = prepared_.backend();
  std::optional<DataSpace::Solution> direct;
  if (data_space_) direct.emplace(data_space_->solve(w));
  const auto recursion = [&] {
    auto own = precision_->right_hand_side(backend, transposed_predictor(w));
    factor_->solve(own);
    return precision_->solution(backend, std::move(own));
  };
  auto fields = project(direct ? std::move(direct->field) : recursion());
  const std::size_t num_fixed = prepared_.num_border_columns();
  const std::size_t num_columns = w[0].columns();
  ConditionalMean result;
  auto rhs = DenseMatrix::zero(num_fixed, num_columns);
  for (std::size_t group = 0; group < observations().size(); ++group) {
    const auto& observed = observations()[group];
    result.predictor.push_back(predictor(fields, group));
    DenseMatrix residual = direct ? std::move(direct->residuals[group]) : w[group];
    for (std::size_t i = 0; !direct && i < residual.rows() * num_columns; ++i) {
      residual.data()[i] -= result.predictor.back().data()[i];
    }
    const auto design = observed.design().block(0, 1, residual.rows(), observed.num_covariates());
    const auto products = observed.weighted_inner_products(design, std::as_const(residual).view());
    for (std::size_t column = 0; column < num_columns; ++column) {
      for (std::size_t c = 0; c < products.rows(); ++c) {
        rhs(prepared_.fixed_effect_offset(observed.process()) + c, column) +=
            noise_precisions_[group] * products(c, column);
      }
    }
    result.residuals.push_back(std::move(residual));
  }
  result.field = std::move(fields.spectral);
  if (num_fixed == 0) return result;
  result.effects = small_product(fixed_effect_covariance_, false, rhs);
  for (std::size_t group = 0; group < observations().size(); ++group) {
    backend.multiply(Transpose::no, Transpose::no, 1.0, border_residuals_[group].view(),
                     std::as_const(result.effects).view(), 1.0, result.predictor[group].view());
    backend.multiply(Transpose::no, Transpose::no, -1.0, border_residuals_[group].view(),
                     std::as_const(result.effects).view(), 1.0, result.residuals[group].view());
  }
  for (std::size_t step = 0; step < prepared_.num_steps(); ++step) {
    backend.multiply(Transpose::no, Transpose::no, -1.0, std::as_const(*border_).block(step),
                     std::as_const(result.effects).view(), 1.0, result.field.block(step));
  }
  return result;
}

std::string Posterior::recursion_summary() const {
  const std::string basis = is_spectral_ ? "spectral; " : "nodal; ";
  return data_space_ ? "by the covariance of the data" : basis + factor_->description();
}

}  // namespace tramontana

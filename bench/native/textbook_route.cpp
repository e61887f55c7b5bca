// SPDX-License-Identifier: Apache-2.0
#include "textbook_route.hpp"

#include <cmath>

namespace tramontana::bench {

/** What one evaluation knows. */
struct TextbookRoute::Point {
  std::vector<double> noise_precisions;
  TextbookPrecision::JointCoefficients coefficients;
  std::vector<double> mean;
  std::vector<double> fixed_effects;
  /** Per process, y - eta. */
  std::vector<std::vector<double>> residuals;
  TextbookPrecision::Moments moments;  ///< of prior and posterior covariance
  std::vector<double> predictor_variances;
  TextbookAnswer answer;
};

TextbookRoute::TextbookRoute(const EngineModel& model)
    : model_(model),
      precision_(model),
      num_nodes_(model.c0.size()),
      num_steps_(static_cast<std::size_t>(model.num_time_steps)),
      num_processes_(model.observations.size()),
      block_size_(num_nodes_ * num_processes_),
      rows_of_step_(num_processes_, std::vector<std::vector<std::size_t>>(num_steps_)) {
  for (std::size_t process = 0; process < num_processes_; ++process) {
    const auto& group = model.observations[process];
    fixed_offset_.push_back(num_fixed_);
    num_fixed_ += static_cast<std::size_t>(group.num_covariates);
    for (std::size_t row = 0; row < group.y.size(); ++row) {
      rows_of_step_[process][static_cast<std::size_t>(group.time_index[row])].push_back(row);
    }
  }
  matrix_.emplace(num_steps_, block_size_, num_fixed_);
}

void TextbookRoute::add_observations(const Point& point) {
  auto& matrix = *matrix_;
  for (std::size_t process = 0; process < num_processes_; ++process) {
    const auto& group = model_.observations[process];
    const auto num_covariates = static_cast<std::size_t>(group.num_covariates);
    const double tau = point.noise_precisions[process];
    const std::size_t first = process * num_nodes_;
    const std::size_t offset = fixed_offset_[process];
    for (std::size_t step = 0; step < num_steps_; ++step) {
      const auto diagonal = matrix.diagonal[step].view();
      const auto arrow = matrix.arrow[step].view();
      for (const std::size_t row : rows_of_step_[process][step]) {
        const double* covariates = group.covariates.data() + row * num_covariates;
        for (auto a = group.projector.row_pointers[row]; a < group.projector.row_pointers[row + 1]; ++a) {
          const auto column = static_cast<std::size_t>(group.projector.column_indices[a]);
          const double weight = tau * group.projector.values[a];
          for (auto b = group.projector.row_pointers[row]; b < group.projector.row_pointers[row + 1]; ++b) {
            const auto other = static_cast<std::size_t>(group.projector.column_indices[b]);
            if (other >= column) diagonal(first + other, first + column) += weight * group.projector.values[b];
          }
          for (std::size_t c = 0; c < num_covariates; ++c) {
            arrow(offset + c, first + column) += weight * covariates[c];
          }
        }
        for (std::size_t c = 0; c < num_covariates; ++c) {
          for (std::size_t d = 0; d < num_covariates; ++d) {
            matrix.tip(offset + c, offset + d) += tau * covariates[c] * covariates[d];
          }
        }
      }
    }
  }
}

void TextbookRoute::evaluate(std::span<const double> theta, Point& point, bool with_gradient) {
  auto& matrix = *matrix_;
  const auto& layout = precision_.layout();
  point.noise_precisions.clear();
  for (std::size_t k = 0; k < num_processes_; ++k) point.noise_precisions.push_back(std::exp(theta[layout.noise[k]]));
  point.coefficients = precision_.coefficients(theta);
  const auto start_with_prior = [&] {
    precision_.assemble(point.coefficients, matrix);
    std::fill_n(matrix.tip.data(), num_fixed_ * num_fixed_, 0.0);
    for (std::size_t i = 0; i < num_fixed_; ++i) matrix.tip(i, i) = model_.fixed_effects_prior_precision;
  };
  if (with_gradient) {
    point.moments = precision_.zero_moments();
    point.predictor_variances.assign(num_processes_, 0.0);
  }

  start_with_prior();
  BlockCholesky cholesky(matrix);
  const double log_determinant_prior = cholesky.factorise();
  if (with_gradient) {
    cholesky.for_each_selected(
        [&](const SelectedBlocks& blocks) { precision_.add_moments(-1.0, blocks, point.moments); });
  }

  start_with_prior();
  add_observations(point);
  const double log_determinant_posterior = cholesky.factorise();
  // A' D y and X' D y.
  point.mean.assign(num_steps_ * block_size_, 0.0);
  point.fixed_effects.assign(num_fixed_, 0.0);
  for (std::size_t process = 0; process < num_processes_; ++process) {
    const auto& group = model_.observations[process];
    const auto num_covariates = static_cast<std::size_t>(group.num_covariates);
    for (std::size_t row = 0; row < group.y.size(); ++row) {
      const double weighted = point.noise_precisions[process] * group.y[row];
      double* target =
          point.mean.data() + static_cast<std::size_t>(group.time_index[row]) * block_size_ + process * num_nodes_;
      for (auto a = group.projector.row_pointers[row]; a < group.projector.row_pointers[row + 1]; ++a) {
        target[group.projector.column_indices[a]] += weighted * group.projector.values[a];
      }
      for (std::size_t c = 0; c < num_covariates; ++c) {
        point.fixed_effects[fixed_offset_[process] + c] += weighted * group.covariates[row * num_covariates + c];
      }
    }
  }
  cholesky.solve(point.mean, point.fixed_effects);
  if (with_gradient) {
    cholesky.for_each_selected([&](const SelectedBlocks& blocks) {
      precision_.add_moments(1.0, blocks, point.moments);
      for (std::size_t process = 0; process < num_processes_; ++process) {
        point.predictor_variances[process] += predictor_variance(process, blocks, cholesky.tip_inverse());
      }
    });
  }

  double log_likelihood = 0.0;
  point.residuals.assign(num_processes_, {});
  for (std::size_t process = 0; process < num_processes_; ++process) {
    const auto& group = model_.observations[process];
    const auto num_covariates = static_cast<std::size_t>(group.num_covariates);
    double squares = 0.0;
    for (std::size_t row = 0; row < group.y.size(); ++row) {
      const double* field =
          point.mean.data() + static_cast<std::size_t>(group.time_index[row]) * block_size_ + process * num_nodes_;
      double residual = group.y[row];
      for (auto a = group.projector.row_pointers[row]; a < group.projector.row_pointers[row + 1]; ++a) {
        residual -= group.projector.values[a] * field[group.projector.column_indices[a]];
      }
      for (std::size_t c = 0; c < num_covariates; ++c) {
        residual -= group.covariates[row * num_covariates + c] * point.fixed_effects[fixed_offset_[process] + c];
      }
      squares += residual * residual;
      point.residuals[process].push_back(residual);
    }
    log_likelihood += 0.5 * (static_cast<double>(group.y.size()) * theta[layout.noise[process]] -
                             point.noise_precisions[process] * squares);
  }
  auto mean_moments = precision_.zero_moments();
  precision_.add_moments(point.mean, mean_moments);
  double energy = precision_.trace(point.coefficients, mean_moments);
  for (const double effect : point.fixed_effects) energy += model_.fixed_effects_prior_precision * effect * effect;
  double log_prior = 0.0;
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const double deviation = theta[i] - model_.priors[i].mean;
    log_prior -= 0.5 * model_.priors[i].precision * deviation * deviation;
  }
  point.answer.objective =
      -(log_prior + log_likelihood - 0.5 * energy + 0.5 * (log_determinant_prior - log_determinant_posterior));
  if (with_gradient) {
    for (std::size_t i = 0; i < mean_moments.size(); ++i) {
      for (std::size_t e = 0; e < mean_moments[i].size(); ++e) point.moments[i][e] += mean_moments[i][e];
    }
    add_gradient(theta, point);
  }
}

void TextbookRoute::add_gradient(std::span<const double> theta, Point& point) {
  auto& gradient = point.answer.gradient;
  gradient.assign(theta.size(), 0.0);
  const auto derivatives = precision_.derivatives(theta);
  for (std::size_t i = 0; i < theta.size(); ++i) {
    gradient[i] = 0.5 * precision_.trace(derivatives[i], point.moments) +
                  model_.priors[i].precision * (theta[i] - model_.priors[i].mean);
  }
  for (std::size_t process = 0; process < num_processes_; ++process) {
    double squares = point.predictor_variances[process];
    for (const double residual : point.residuals[process]) squares += residual * residual;
    gradient[precision_.layout().noise[process]] +=
        0.5 * (point.noise_precisions[process] * squares - static_cast<double>(point.residuals[process].size()));
  }
}

double TextbookRoute::predictor_variance(std::size_t process, const SelectedBlocks& blocks,
                                         const DenseMatrix& tip_inverse) const {
  const auto& group = model_.observations[process];
  const auto num_covariates = static_cast<std::size_t>(group.num_covariates);
  const std::size_t first = process * num_nodes_;
  const std::size_t offset = fixed_offset_[process];
  double sum = 0.0;
  for (const std::size_t row : rows_of_step_[process][blocks.step]) {
    const double* covariates = group.covariates.data() + row * num_covariates;
    for (auto a = group.projector.row_pointers[row]; a < group.projector.row_pointers[row + 1]; ++a) {
      const std::size_t i = first + static_cast<std::size_t>(group.projector.column_indices[a]);
      double inner = 0.0;
      for (auto b = group.projector.row_pointers[row]; b < group.projector.row_pointers[row + 1]; ++b) {
        inner += group.projector.values[b] *
                 blocks.diagonal(i, first + static_cast<std::size_t>(group.projector.column_indices[b]));
      }
      for (std::size_t c = 0; c < num_covariates; ++c) inner += 2.0 * covariates[c] * blocks.arrow(offset + c, i);
      sum += group.projector.values[a] * inner;
    }
    for (std::size_t c = 0; c < num_covariates; ++c) {
      for (std::size_t d = 0; d < num_covariates; ++d) {
        sum += covariates[c] * covariates[d] * tip_inverse(offset + c, offset + d);
      }
    }
  }
  return sum;
}

double TextbookRoute::objective(std::span<const double> theta) {
  Point point;
  evaluate(theta, point, false);
  return point.answer.objective;
}

TextbookAnswer TextbookRoute::objective_and_gradient(std::span<const double> theta) {
  Point point;
  evaluate(theta, point, true);
  return std::move(point.answer);
}

TextbookAnswer TextbookRoute::objective_and_differences(std::span<const double> theta, double step) {
  TextbookAnswer answer{objective(theta), {}};
  std::vector<double> moved(theta.begin(), theta.end());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    moved[i] = theta[i] + step;
    const double above = objective(moved);
    moved[i] = theta[i] - step;
    const double below = objective(moved);
    moved[i] = theta[i];
    answer.gradient.push_back((above - below) / (2.0 * step));
  }
  return answer;
}

}  // namespace tramontana::bench

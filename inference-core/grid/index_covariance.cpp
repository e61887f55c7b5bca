// SPDX-License-Identifier: Apache-2.0
#include "grid/index_covariance.hpp"

#include <algorithm>

namespace tramontana {
namespace {

/** Steps between the first and the last row, and itself. */
std::size_t count_lags(const PreparedGrid& grid) {
  std::size_t first = grid.num_steps();
  std::size_t last = 0;
  for (const auto& row : grid.rows()) {
    first = std::min(first, row.step);
    last = std::max(last, row.step);
  }
  return last - first + 1;
}

}  // namespace

IndexCovariance::IndexCovariance(const PreparedGrid& grid, std::span<const double> theta, bool with_derivatives)
    : grid_(grid),
      num_processes_(grid.num_processes()),
      num_lags_(count_lags(grid)),
      num_groups_(grid.model().groups.size()),
      coregionalisation_(coregionalisation_matrix(grid.layout(), theta)),
      noise_variance_(grid.noise_variances(theta)) {
  const auto& layout = grid.layout();
  const std::size_t n = num_processes_;
  for (const auto& lambda : layout.lambdas()) {
    // dL = L e_target e_source' L.
    auto& slope = coregionalisation_slopes_.emplace_back(n * n, 0.0);
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t j = 0; j < n; ++j) {
        slope[a * n + j] = coregionalisation_[a * n + lambda.target] * coregionalisation_[lambda.source * n + j];
      }
    }
  }
  for (std::size_t process = 0; process < num_processes_; ++process) {
    spectra_.push_back(grid.spectrum(process, theta, num_lags_, with_derivatives));
  }
}

void IndexCovariance::fill(std::size_t index, MatrixView covariance) const {
  const std::size_t num_cells = grid_.num_cells();
  std::vector<double> by_pair(num_processes_ * num_processes_ * num_lags_, 0.0);
  for (std::size_t a = 0; a < num_processes_; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      for (std::size_t j = 0; j <= b; ++j) {
        const double weight = coregionalisation_[a * num_processes_ + j] * coregionalisation_[b * num_processes_ + j];
        for (std::size_t lag = 0; lag < num_lags_; ++lag) {
          by_pair[place(a, b, lag)] += weight * spectra_[j]->value[lag * num_cells + index];
        }
      }
    }
  }
  spread(by_pair, covariance);
  const auto& rows = grid_.rows();
  for (std::size_t r = 0; r < rows.size(); ++r) covariance(r, r) += noise_variance_[rows[r].group] / rows[r].weight;
}

void IndexCovariance::spread(std::span<const double> by_pair, MatrixView out) const {
  const auto& rows = grid_.rows();
  for (std::size_t s = 0; s < rows.size(); ++s) {
    for (std::size_t r = s; r < rows.size(); ++r) {
      // Rows are sorted by process, so that r has the later one.
      out(r, s) = by_pair[place(rows[r].process, rows[s].process, lag_between(rows[r].step, rows[s].step))];
    }
  }
}

void IndexCovariance::fill_derivative(std::size_t index, std::size_t component, MatrixView derivative) const {
  const auto& layout = grid_.layout();
  const std::size_t num_cells = grid_.num_cells();
  const std::size_t n = num_processes_;
  std::vector<double> by_pair(n * n * num_lags_, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    const auto& field = layout.field(j);
    const auto found = std::find(field.begin(), field.end(), component);
    if (found == field.end()) continue;
    const auto& table = spectra_[j]->derivative[static_cast<std::size_t>(found - field.begin())];
    for (std::size_t a = j; a < n; ++a) {
      for (std::size_t b = j; b <= a; ++b) {
        const double weight = coregionalisation_[a * n + j] * coregionalisation_[b * n + j];
        for (std::size_t lag = 0; lag < num_lags_; ++lag) {
          by_pair[place(a, b, lag)] += weight * table[lag * num_cells + index];
        }
      }
    }
  }
  for (std::size_t l = 0; l < layout.lambdas().size(); ++l) {
    if (layout.lambdas()[l].theta_index != component) continue;
    const auto& slope = coregionalisation_slopes_[l];
    for (std::size_t a = 0; a < n; ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        for (std::size_t j = 0; j < n; ++j) {
          const double weight =
              slope[a * n + j] * coregionalisation_[b * n + j] + coregionalisation_[a * n + j] * slope[b * n + j];
          if (weight == 0.0) continue;
          for (std::size_t lag = 0; lag < num_lags_; ++lag) {
            by_pair[place(a, b, lag)] += weight * spectra_[j]->value[lag * num_cells + index];
          }
        }
      }
    }
  }
  spread(by_pair, derivative);
  const auto& rows = grid_.rows();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (layout.likelihood(rows[r].group).front() == component)
      derivative(r, r) -= noise_variance_[rows[r].group] / rows[r].weight;
  }
}

void IndexCovariance::accumulate(ConstMatrixView lower, std::span<double> sums) const {
  const auto& rows = grid_.rows();
  double* noise = sums.data() + num_processes_ * num_processes_ * num_lags_;
  for (std::size_t s = 0; s < rows.size(); ++s) {
    sums[place(rows[s].process, rows[s].process, 0)] += lower(s, s);
    noise[rows[s].group] += lower(s, s) / rows[s].weight;
    for (std::size_t r = s + 1; r < rows.size(); ++r) {
      const std::size_t lag = lag_between(rows[r].step, rows[s].step);
      sums[place(rows[r].process, rows[s].process, lag)] += lower(r, s);
      sums[place(rows[s].process, rows[r].process, lag)] += lower(r, s);
    }
  }
}

void IndexCovariance::add_gradient(std::size_t index, std::span<const double> sums, std::span<double> by_field,
                                   std::span<double> by_coregionalisation, std::span<double> by_noise) const {
  const std::size_t num_cells = grid_.num_cells();
  const std::size_t num_parameters = grid_.layout().field(0).size();
  for (std::size_t a = 0; a < num_processes_; ++a) {
    for (std::size_t b = 0; b < num_processes_; ++b) {
      for (std::size_t j = 0; j <= std::min(a, b); ++j) {
        const double of_a = coregionalisation_[a * num_processes_ + j];
        const double of_b = coregionalisation_[b * num_processes_ + j];
        for (std::size_t lag = 0; lag < num_lags_; ++lag) {
          const double sum = sums[place(a, b, lag)];
          const std::size_t entry = lag * num_cells + index;
          by_coregionalisation[a * num_processes_ + j] += sum * of_b * spectra_[j]->value[entry];
          for (std::size_t p = 0; p < num_parameters; ++p) {
            by_field[j * max_field_parameters + p] += 0.5 * sum * of_a * of_b * spectra_[j]->derivative[p][entry];
          }
        }
      }
    }
  }
  const auto noise = sums.subspan(num_processes_ * num_processes_ * num_lags_);
  for (std::size_t group = 0; group < num_groups_; ++group) {
    by_noise[group] -= 0.5 * noise_variance_[group] * noise[group];
  }
}

void IndexCovariance::to_theta(std::span<const double> by_field, std::span<const double> by_coregionalisation,
                               std::span<const double> by_noise, std::span<double> gradient) const {
  const auto& layout = grid_.layout();
  for (std::size_t process = 0; process < num_processes_; ++process) {
    const auto& field = layout.field(process);
    for (std::size_t p = 0; p < field.size(); ++p) gradient[field[p]] += by_field[process * max_field_parameters + p];
  }
  for (std::size_t group = 0; group < num_groups_; ++group) {
    gradient[layout.likelihood(group).front()] += by_noise[group];
  }
  add_lambda_gradient(layout, coregionalisation_, by_coregionalisation, gradient);
}

}  // namespace tramontana

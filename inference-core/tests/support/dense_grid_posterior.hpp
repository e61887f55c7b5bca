// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdlib>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include "grid/prepared_grid.hpp"
#include "support/grid_reference.hpp"

namespace tramontana::small_grid {

/** Means of the cosine modes over an interval, as the difference of their integral; width 0 is a point. */
inline double mode_mean(double frequency, double length, double centre, double width) {
  const double size = frequency == 0.0 ? 1.0 / std::sqrt(length) : std::sqrt(2.0 / length);
  const double wave = std::numbers::pi * frequency / length;
  if (frequency == 0.0) return size;
  if (width == 0.0) return size * std::cos(wave * centre);
  return size * (std::sin(wave * (centre + 0.5 * width)) - std::sin(wave * (centre - 0.5 * width))) / (wave * width);
}

/**
 * Posterior of a predictor by conditioning one normal distribution of all values, its modes summed one by one:
 * frequencies below `modes_per_cell` times the cells, those that no cell sees left out as the grid leaves them out.
 * Values that are not a number are no data.
 */
class DenseGridPosterior {
 public:
  DenseGridPosterior(const GridModel& model, const PreparedGrid& grid, std::span<const double> at,
                     std::size_t modes_per_cell)
      : model_(model), grid_(grid), theta_(at.begin(), at.end()) {
    const double height = model.grid.num_rows * model.grid.cell_height;
    const double width = model.grid.num_columns * model.grid.cell_width;
    std::vector<double> eigenvalues;
    for (std::size_t qy = 0; qy < num_rows; ++qy) {
      for (const auto& along : grid.rows_axis().modes_of(qy, modes_per_cell)) {
        for (std::size_t qx = 0; qx < num_columns; ++qx) {
          for (const auto& across : grid.columns_axis().modes_of(qx, modes_per_cell)) {
            modes_.push_back({static_cast<double>(along.frequency), static_cast<double>(across.frequency)});
            eigenvalues.push_back(std::pow(std::numbers::pi * modes_.back().first / height, 2) +
                                  std::pow(std::numbers::pi * modes_.back().second / width, 2));
          }
        }
      }
    }
    const auto& layout = grid.layout();
    for (std::size_t j = 0; j < grid.num_processes(); ++j) {
      std::vector<double> parameters;
      for (const auto index : layout.field(j)) parameters.push_back(theta_[index]);
      laws_.push_back(*grid.latent().mode_laws(parameters, eigenvalues));
    }
    coregionalisation_ = coregionalisation_matrix(layout, theta_);
    condition();
  }

  struct Place {
    std::size_t process;
    std::size_t step;
    std::vector<double> means;  ///< of the modes
    std::vector<double> covariates;
  };

  [[nodiscard]] Place place(std::size_t process, std::size_t step, double y, double height, double x, double width,
                            std::vector<double> covariates) const {
    Place result{process, step, {}, std::move(covariates)};
    for (const auto& [along, across] : modes_) {
      result.means.push_back(mode_mean(along, model_.grid.num_rows * model_.grid.cell_height, y, height) *
                             mode_mean(across, model_.grid.num_columns * model_.grid.cell_width, x, width));
    }
    return result;
  }

  [[nodiscard]] double covariance(const Place& a, const Place& b) const {
    const std::size_t n = grid_.num_processes();
    const int lag = std::abs(static_cast<int>(a.step) - static_cast<int>(b.step));
    double sum = 0.0;
    for (std::size_t j = 0; j < n; ++j) {
      double field = 0.0;
      for (std::size_t k = 0; k < modes_.size(); ++k) {
        double power = laws_[j][k].variance.value;
        for (int step = 0; step < lag; ++step) power *= laws_[j][k].correlation.value;
        field += a.means[k] * b.means[k] * power;
      }
      sum += coregionalisation_[a.process * n + j] * coregionalisation_[b.process * n + j] * field;
    }
    if (a.process == b.process) {
      for (std::size_t c = 0; c < a.covariates.size(); ++c) {
        sum += a.covariates[c] * b.covariates[c] / model_.fixed_effects_prior_precision;
      }
    }
    return sum;
  }

  /** Mean and variance at a place given all data. */
  [[nodiscard]] std::pair<double, double> at(const Place& target) const {
    const std::size_t n = whitened_.size();
    std::vector<double> cross(n);
    double mean = 0.0;
    double explained = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      cross[i] = covariance(target, places_[i]);
      for (std::size_t k = 0; k < i; ++k) cross[i] -= factor_[i * n + k] * cross[k];
      cross[i] /= factor_[i * n + i];
      mean += whitened_[i] * cross[i];
      explained += cross[i] * cross[i];
    }
    return {mean, covariance(target, target) - explained};
  }

 private:
  /** The factor of the covariance of all data, and the data whitened by it. */
  void condition() {
    std::vector<double> noise;
    for (std::size_t g = 0; g < model_.groups.size(); ++g) {
      const auto& group = model_.groups[g];
      for (std::size_t t = 0; t < group.time_index.size(); ++t) {
        for (std::size_t i = 0; i < num_cells; ++i) {
          if (std::isnan(group.y[t * num_cells + i])) continue;
          std::vector<double> covariates;
          for (std::size_t c = 0; c < static_cast<std::size_t>(group.num_covariates); ++c) {
            covariates.push_back(group.covariates[c * num_cells + i]);
          }
          places_.push_back(
              place(static_cast<std::size_t>(group.process), static_cast<std::size_t>(group.time_index[t]),
                    model_.grid.cell_height * (static_cast<double>(i / num_columns) + 0.5), model_.grid.cell_height,
                    model_.grid.cell_width * (static_cast<double>(i % num_columns) + 0.5), model_.grid.cell_width,
                    covariates));
          whitened_.push_back(group.y[t * num_cells + i]);
          const double weight = group.weights.empty() ? 1.0 : group.weights[t];
          noise.push_back(std::exp(-theta_[grid_.layout().likelihood(g).front()]) / weight);
        }
      }
    }
    const std::size_t n = whitened_.size();
    std::vector<double> dense(n * n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k <= i; ++k) {
        dense[i * n + k] = covariance(places_[i], places_[k]) + (i == k ? noise[i] : 0.0);
      }
    }
    factor_ = DenseNormal(std::move(dense), n).factor;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < i; ++k) whitened_[i] -= factor_[i * n + k] * whitened_[k];
      whitened_[i] /= factor_[i * n + i];
    }
  }

  const GridModel& model_;
  const PreparedGrid& grid_;
  std::vector<double> theta_;
  std::vector<Place> places_;
  std::vector<double> factor_;
  std::vector<double> whitened_;
  std::vector<std::pair<double, double>> modes_;
  std::vector<std::vector<ModeLaw>> laws_;
  std::vector<double> coregionalisation_;
};

}  // namespace tramontana::small_grid

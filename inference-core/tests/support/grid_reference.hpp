// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <span>
#include <vector>

#include "grid/index_covariance.hpp"
#include "grid/prepared_grid.hpp"
#include "tramontana/grid.hpp"

/** A grid small enough for dense computations of all its values together. */
namespace tramontana::small_grid {

constexpr std::int32_t num_rows = 5;
constexpr std::int32_t num_columns = 6;
constexpr std::size_t num_cells = 30;
constexpr std::int32_t num_steps = 4;

inline ThetaPrior gaussian(double mean) {
  ThetaPrior prior;
  prior.mean = mean;
  prior.precision = 0.7;
  return prior;
}

/** Two processes, the second missing on a day and seen twice, with another noise, on the last. */
inline GridModel model() {
  GridModel model;
  model.grid = {num_rows, num_columns, 10.0, 8.0};
  model.num_time_steps = num_steps;
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  const auto group = [&](std::int32_t process, std::vector<std::int32_t> steps) {
    GridGroup result;
    result.process = process;
    result.num_covariates = 2;
    for (std::size_t i = 0; i < num_cells; ++i) result.covariates.push_back(1.0);
    for (std::size_t i = 0; i < num_cells; ++i) result.covariates.push_back(normal(random));
    for (std::size_t i = 0; i < num_cells * steps.size(); ++i) result.y.push_back(2.0 + normal(random));
    result.time_index = std::move(steps);
    return result;
  };
  model.groups = {group(0, {0, 1, 2, 3}), group(1, {0, 2, 3}), group(1, {3})};
  model.groups[1].weights = {1.0, 2.5, 0.6};
  const double means[] = {3.4, 1.0, 2.0, 3.0, 0.5, 2.2, 0.1, 0.2, 0.5, 0.3};
  for (const double mean : means) model.priors.push_back(gaussian(mean));
  return model;
}

inline const std::vector<double> theta{3.5, 1.1, 1.9, 3.1, 0.7, 2.3, -0.1, 0.3, 0.6, 0.4};

/** Lower Cholesky factor of a dense matrix, and its log determinant, by the textbook. */
struct DenseNormal {
  std::vector<double> factor;
  std::size_t n;

  DenseNormal(std::vector<double> covariance, std::size_t size) : factor(std::move(covariance)), n(size) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = j; i < n; ++i) {
        double sum = factor[i * n + j];
        for (std::size_t k = 0; k < j; ++k) sum -= factor[i * n + k] * factor[j * n + k];
        factor[i * n + j] = i == j ? std::sqrt(sum) : sum / factor[j * n + j];
      }
    }
  }

  /** V^-1 b. */
  [[nodiscard]] std::vector<double> solve(std::vector<double> b) const {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < i; ++k) b[i] -= factor[i * n + k] * b[k];
      b[i] /= factor[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
      for (std::size_t k = i + 1; k < n; ++k) b[i] -= factor[k * n + i] * b[k];
      b[i] /= factor[i * n + i];
    }
    return b;
  }

  [[nodiscard]] double log_density(const std::vector<double>& x) const {
    double sum = -0.5 * static_cast<double>(n) * std::log(2.0 * std::numbers::pi);
    std::vector<double> z(n);
    for (std::size_t i = 0; i < n; ++i) {
      z[i] = x[i];
      for (std::size_t k = 0; k < i; ++k) z[i] -= factor[i * n + k] * z[k];
      z[i] /= factor[i * n + i];
      sum -= 0.5 * z[i] * z[i] + std::log(factor[i * n + i]);
    }
    return sum;
  }
};

/** All values of a grid as one normal distribution, fixed effects included. */
struct DenseGrid {
  std::vector<double> covariance;
  std::vector<double> y;
};

inline DenseGrid dense_grid(const PreparedGrid& grid, std::span<const double> at) {
  const std::size_t rows = grid.rows().size();
  const std::size_t n = rows * num_cells;
  const IndexCovariance covariance(grid, at, false);
  std::vector<double> dense(n * n, 0.0);
  const auto& d = grid.rows_axis().transform();
  const auto& e = grid.columns_axis().transform();
  DenseMatrix block(rows, rows);
  for (std::size_t q = 0; q < num_cells; ++q) {
    covariance.fill(q, block.view());
    mirror_lower(block.view());
    std::vector<double> shape;
    for (std::size_t i = 0; i < num_cells; ++i)
      shape.push_back(d(q % num_rows, i / num_columns) * e(q / num_rows, i % num_columns));
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t s = 0; s < rows; ++s) {
        for (std::size_t i = 0; i < num_cells; ++i) {
          for (std::size_t k = 0; k < num_cells; ++k) {
            dense[(r * num_cells + i) * n + s * num_cells + k] += block(r, s) * shape[i] * shape[k];
          }
        }
      }
    }
  }
  const auto& model = grid.model();
  std::vector<double> y;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto& row = grid.rows()[r];
    const auto& group = model.groups[row.group];
    std::size_t position = 0;
    while (static_cast<std::size_t>(group.time_index[position]) != row.step) ++position;
    for (std::size_t i = 0; i < num_cells; ++i) y.push_back(group.y[position * num_cells + i]);
    for (std::size_t s = 0; s < rows; ++s) {
      const auto& other = model.groups[grid.rows()[s].group];
      if (grid.rows()[s].process != row.process) continue;
      for (std::size_t c = 0; c < static_cast<std::size_t>(group.num_covariates); ++c) {
        for (std::size_t i = 0; i < num_cells; ++i) {
          for (std::size_t k = 0; k < num_cells; ++k) {
            dense[(r * num_cells + i) * n + s * num_cells + k] += group.covariates[c * num_cells + i] *
                                                                  other.covariates[c * num_cells + k] /
                                                                  model.fixed_effects_prior_precision;
          }
        }
      }
    }
  }
  return {std::move(dense), std::move(y)};
}

}  // namespace tramontana::small_grid

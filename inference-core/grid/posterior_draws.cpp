// SPDX-License-Identifier: Apache-2.0
#include "grid/posterior_draws.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "grid/index_runs.hpp"
#include "grid/index_solution.hpp"
#include "kernels/random_normal.hpp"

namespace tramontana {
namespace {

DenseMatrix root_of(const DenseMatrix& covariance, const Backend& backend) {
  DenseMatrix root = covariance;
  if (root.rows() == 0) return root;
  const auto variances = backend.dense().symmetric_eigen(root.view());
  for (std::size_t j = 0; j < root.columns(); ++j) {
    for (std::size_t i = 0; i < root.rows(); ++i) root(i, j) *= std::sqrt(std::max(0.0, variances[j]));
  }
  return root;
}

/** In place, over time: x_t += sum_t' rho^|t - t'| pull_t' variance, by a pass forwards and one backwards. */
void add_correction(std::span<double> path, std::span<const double> pull, double variance, double rho) {
  const std::size_t n = path.size();
  double carried = 0.0;
  for (std::size_t t = 0; t < n; ++t) {
    carried = rho * carried + pull[t];
    path[t] += variance * carried;
  }
  carried = 0.0;
  for (std::size_t t = n; t-- > 0;) {
    path[t] += variance * carried;
    carried = rho * (carried + pull[t]);
  }
}

}  // namespace

PosteriorDraws::PosteriorDraws(const PreparedGrid& grid, std::span<const double> theta, std::size_t modes_per_cell,
                               const CancellationToken* cancellation)
    : grid_(grid),
      theta_(theta.begin(), theta.end()),
      modes_per_cell_(modes_per_cell),
      cancellation_(cancellation),
      covariance_(grid, theta, modes_per_cell),
      coregionalisation_(coregionalisation_matrix(grid.layout(), theta)),
      noise_variance_(grid.noise_variances(theta)),
      solutions_(grid.rows().size(), (1 + grid.num_fixed_effects()) * grid.num_cells()) {
  const IndexRuns runs(grid, cancellation);
  const std::size_t columns = 1 + grid.num_fixed_effects();
  const std::size_t m = grid.rows().size();
  std::vector<DenseMatrix> products(runs.size());
  runs.for_each([&](std::size_t run, std::size_t index) {
    if (products[run].empty()) products[run] = DenseMatrix::zero(columns, columns);
    DenseMatrix own(m, m);
    covariance_.fill(covariance_.modes_at(index), own.view());
    const auto solution = solve_index(grid, index, std::move(own), theta);
    grid.backend().dense().multiply(Transpose::yes, Transpose::no, 1.0, solution.columns.view(),
                                    solution.solutions.view(), 1.0, products[run].view());
    std::copy_n(solution.solutions.data(), m * columns, solutions_.view().column(index * columns));
  });
  DenseMatrix total = DenseMatrix::zero(columns, columns);
  for (const auto& part : products) {
    for (std::size_t i = 0; i < columns * columns; ++i) total.data()[i] += part.data()[i];
  }
  effects_ = effects_posterior(total, grid.model().fixed_effects_prior_precision, grid.backend());
  effects_root_ = root_of(effects_.covariance, grid.backend());
}

PosteriorDraw PosteriorDraws::empty_draw() const {
  const std::size_t height = grid_.rows_axis().num_cells() * modes_per_cell_;
  const std::size_t width = grid_.columns_axis().num_cells() * modes_per_cell_;
  PosteriorDraw draw{effects_.mean, {}};
  for (std::size_t i = 0; i < grid_.num_processes() * grid_.num_steps(); ++i) {
    draw.coefficients.push_back(DenseMatrix::zero(height, width));
  }
  return draw;
}

PosteriorDraw PosteriorDraws::mean() const {
  auto result = empty_draw();
  const std::size_t m = grid_.rows().size();
  const std::size_t columns = 1 + effects_.mean.size();
  const IndexRuns runs(grid_, cancellation_);
  runs.for_each([&](std::size_t, std::size_t index) {
    const auto modes = covariance_.modes_at(index);
    const auto solution = solutions_.view().block(0, index * columns, m, columns);
    std::vector<double> pulls(solution.column(0), solution.column(0) + m);
    for (std::size_t f = 0; f < effects_.mean.size(); ++f) {
      for (std::size_t r = 0; r < m; ++r) pulls[r] -= effects_.mean[f] * solution(r, 1 + f);
    }
    std::vector<double> paths(modes.size() * grid_.num_processes() * grid_.num_steps(), 0.0);
    correct(modes, pulls, paths);
    put(index, modes, paths, result);
  });
  return result;
}

std::vector<PosteriorDraw> PosteriorDraws::draw(std::uint64_t seed, std::size_t first, std::size_t count) const {
  std::vector<PosteriorDraw> draws;
  for (std::size_t s = 0; s < count; ++s) {
    auto& draw = draws.emplace_back(empty_draw());
    auto normal = RandomNormal::stream(seed, (first + s) * (grid_.num_cells() + 1));
    for (std::size_t j = 0; j < effects_.mean.size(); ++j) {
      const double along = normal();
      for (std::size_t i = 0; i < effects_.mean.size(); ++i) draw.effects[i] += effects_root_(i, j) * along;
    }
  }
  const IndexRuns runs(grid_, cancellation_);
  runs.for_each([&](std::size_t, std::size_t index) { draw_at(index, seed, first, draws); });
  return draws;
}

void PosteriorDraws::draw_at(std::size_t index, std::uint64_t seed, std::size_t first,
                             std::span<PosteriorDraw> draws) const {
  const auto& rows = grid_.rows();
  const std::size_t m = rows.size();
  const std::size_t n = grid_.num_processes();
  const std::size_t num_steps = grid_.num_steps();
  const auto modes = covariance_.modes_at(index);
  DenseMatrix own(m, m);
  covariance_.fill(modes, own.view());
  const auto solution = solve_index(grid_, index, std::move(own), theta_);
  const std::size_t count = draws.size();
  // A column a draw, [mode][process][step]: from the prior, then given the data.
  DenseMatrix paths(modes.size() * n * num_steps, count);
  DenseMatrix residual(m, count);
  for (std::size_t s = 0; s < count; ++s) {
    auto normal = RandomNormal::stream(seed, (first + s) * (grid_.num_cells() + 1) + 1 + index);
    for (std::size_t k = 0; k < modes.size(); ++k) {
      for (std::size_t j = 0; j < n; ++j) {
        double* path = paths.view().column(s) + (k * n + j) * num_steps;
        const double rho = modes[k].correlation[j];
        const double sd = std::sqrt(modes[k].variance[j]);
        const double innovation = sd * std::sqrt(1.0 - rho * rho);
        path[0] = sd * normal();
        for (std::size_t t = 1; t < num_steps; ++t) path[t] = rho * path[t - 1] + innovation * normal();
      }
    }
    for (std::size_t r = 0; r < m; ++r) {
      double value = solution.columns(r, 0) - std::sqrt(noise_variance_[rows[r].group] / rows[r].weight) * normal();
      for (std::size_t f = 0; f < effects_.mean.size(); ++f) value -= solution.columns(r, 1 + f) * draws[s].effects[f];
      for (std::size_t k = 0; k < modes.size(); ++k) {
        for (std::size_t j = 0; j <= rows[r].process; ++j) {
          value -= modes[k].weight * coregionalisation_[rows[r].process * n + j] *
                   paths((k * n + j) * num_steps + rows[r].step, s);
        }
      }
      residual(r, s) = value;
    }
  }
  DenseMatrix pulls(m, count);
  grid_.backend().dense().symmetric_multiply(1.0, solution.inverse.view(), residual.view(), 0.0, pulls.view());
  for (std::size_t s = 0; s < count; ++s) {
    const std::span<double> of_draw{paths.view().column(s), paths.rows()};
    correct(modes, {pulls.view().column(s), m}, of_draw);
    put(index, modes, of_draw, draws[s]);
  }
}

void PosteriorDraws::correct(std::span<const VisibleMode> modes, std::span<const double> pulls,
                             std::span<double> paths) const {
  const auto& rows = grid_.rows();
  const std::size_t n = grid_.num_processes();
  const std::size_t num_steps = grid_.num_steps();
  std::vector<double> of_steps(num_steps);
  for (std::size_t j = 0; j < n; ++j) {
    std::fill(of_steps.begin(), of_steps.end(), 0.0);
    for (std::size_t r = 0; r < rows.size(); ++r) {
      of_steps[rows[r].step] += coregionalisation_[rows[r].process * n + j] * pulls[r];
    }
    for (std::size_t k = 0; k < modes.size(); ++k) {
      add_correction(paths.subspan((k * n + j) * num_steps, num_steps), of_steps,
                     modes[k].weight * modes[k].variance[j], modes[k].correlation[j]);
    }
  }
}

void PosteriorDraws::put(std::size_t index, std::span<const VisibleMode> modes, std::span<const double> paths,
                         PosteriorDraw& draw) const {
  const std::size_t n = grid_.num_processes();
  const std::size_t num_steps = grid_.num_steps();
  const std::size_t row = index % grid_.rows_axis().num_cells();
  const std::size_t column = index / grid_.rows_axis().num_cells();
  for (std::size_t k = 0; k < modes.size(); ++k) {
    const std::size_t at_row = row * modes_per_cell_ + modes[k].row_rank;
    const std::size_t at_column = column * modes_per_cell_ + modes[k].column_rank;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t t = 0; t < num_steps; ++t) {
        double value = 0.0;
        for (std::size_t j = 0; j <= p; ++j) {
          value += coregionalisation_[p * n + j] * paths[(k * n + j) * num_steps + t];
        }
        draw.coefficients[p * num_steps + t](at_row, at_column) = value;
      }
    }
  }
}

}  // namespace tramontana

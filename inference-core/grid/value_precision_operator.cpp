// SPDX-License-Identifier: Apache-2.0
#include "grid/value_precision_operator.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "grid/grid_transform.hpp"
#include "grid/index_runs.hpp"
#include "grid/index_solution.hpp"
#include "kernels/random_normal.hpp"

namespace tramontana {

ValuePrecisionOperator::ValuePrecisionOperator(const PreparedGrid& grid, std::span<const double> theta,
                                               const FillIndexCovariance& fill, const CancellationToken* cancellation)
    : grid_(grid), cancellation_(cancellation), inverses_(grid.num_cells()) {
  const std::size_t m = grid.rows().size();
  const std::size_t p = grid.num_fixed_effects();
  effects_solutions_ = DenseMatrix(m, p * grid.num_cells());
  const IndexRuns runs(grid, cancellation);
  std::vector<DenseMatrix> products(runs.size());
  runs.for_each([&](std::size_t run, std::size_t index) {
    if (products[run].empty()) products[run] = DenseMatrix::zero(1 + p, 1 + p);
    DenseMatrix own(m, m);
    fill(index, own.view());
    auto solution = solve_index(grid, index, std::move(own), theta);
    grid.backend().dense().multiply(Transpose::yes, Transpose::no, 1.0, solution.columns.view(),
                                    solution.solutions.view(), 1.0, products[run].view());
    std::copy_n(solution.solutions.view().column(1), m * p, effects_solutions_.view().column(index * p));
    mirror_lower(solution.inverse.view());
    inverses_[index] = std::move(solution.inverse);
  });
  DenseMatrix total = DenseMatrix::zero(1 + p, 1 + p);
  for (const auto& part : products) {
    for (std::size_t i = 0; i < (1 + p) * (1 + p); ++i) total.data()[i] += part.data()[i];
  }
  effects_ = effects_posterior(total, grid.model().fixed_effects_prior_precision, grid.backend());
}

DenseMatrix ValuePrecisionOperator::to_indices(const DenseMatrix& values) const {
  DenseMatrix result(values.rows(), values.columns());
  for (std::size_t r = 0; r < values.columns(); ++r) {
    cells_to_indices(grid_.rows_axis().transform(), grid_.columns_axis().transform(),
                     {values.view().column(r), values.rows()}, {result.view().column(r), values.rows()},
                     grid_.backend());
  }
  return result;
}

DenseMatrix ValuePrecisionOperator::to_cells(const DenseMatrix& coefficients) const {
  DenseMatrix result(coefficients.rows(), coefficients.columns());
  for (std::size_t r = 0; r < coefficients.columns(); ++r) {
    indices_to_cells(grid_.rows_axis().transform(), grid_.columns_axis().transform(),
                     {coefficients.view().column(r), coefficients.rows()},
                     {result.view().column(r), coefficients.rows()}, grid_.backend());
  }
  return result;
}

DenseMatrix ValuePrecisionOperator::apply(const DenseMatrix& values) const {
  const std::size_t m = grid_.rows().size();
  const std::size_t p = effects_.mean.size();
  auto coefficients = to_indices(values);
  std::vector<double> pull(m);
  std::vector<double> solved(m);
  std::vector<double> by_effect(p, 0.0);
  // Few flops an index, and sums in one order.
  for (std::size_t q = 0; q < grid_.num_cells(); ++q) {
    const double* effects = effects_solutions_.view().column(q * p);
    for (std::size_t r = 0; r < m; ++r) pull[r] = coefficients(q, r);
    for (std::size_t f = 0; f < p; ++f) {
      for (std::size_t r = 0; r < m; ++r) by_effect[f] += effects[f * m + r] * pull[r];
    }
    std::fill(solved.begin(), solved.end(), 0.0);
    for (std::size_t s = 0; s < m; ++s) {
      const double* column = inverses_[q].view().column(s);
      for (std::size_t r = 0; r < m; ++r) solved[r] += column[r] * pull[s];
    }
    for (std::size_t r = 0; r < m; ++r) coefficients(q, r) = solved[r];
  }
  for (std::size_t q = 0; q < grid_.num_cells(); ++q) {
    const double* effects = effects_solutions_.view().column(q * p);
    for (std::size_t f = 0; f < p; ++f) {
      double share = 0.0;
      for (std::size_t g = 0; g < p; ++g) share += effects_.covariance(f, g) * by_effect[g];
      for (std::size_t r = 0; r < m; ++r) coefficients(q, r) -= effects[f * m + r] * share;
    }
  }
  if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
  return to_cells(coefficients);
}

std::vector<DenseMatrix> ValuePrecisionOperator::draw(std::uint64_t seed, std::size_t count) const {
  const std::size_t m = grid_.rows().size();
  const std::size_t p = effects_.mean.size();
  const double effect_sd = 1.0 / std::sqrt(grid_.model().fixed_effects_prior_precision);
  std::vector<RandomNormal> streams;
  std::vector<std::vector<double>> effects(count, std::vector<double>(p));
  std::vector<DenseMatrix> coefficients;
  for (std::size_t draw = 0; draw < count; ++draw) {
    streams.push_back(RandomNormal::stream(seed, draw));
    for (double& effect : effects[draw]) effect = effect_sd * streams[draw]();
    coefficients.push_back(DenseMatrix::zero(grid_.num_cells(), m));
  }
  DenseMatrix covariates(m, p);
  for (std::size_t q = 0; q < grid_.num_cells(); ++q) {
    if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
    // C^(1/2) e = V D^(-1/2) e with V D V' the inverse.
    DenseMatrix axes = inverses_[q];
    const auto precisions = grid_.backend().dense().symmetric_eigen(axes.view());
    grid_.covariates_at(q, covariates.view());
    for (std::size_t draw = 0; draw < count; ++draw) {
      for (std::size_t s = 0; s < m; ++s) {
        const double along = streams[draw]() / std::sqrt(precisions[s]);
        for (std::size_t r = 0; r < m; ++r) coefficients[draw](q, r) += axes(r, s) * along;
      }
      for (std::size_t f = 0; f < p; ++f) {
        for (std::size_t r = 0; r < m; ++r) coefficients[draw](q, r) += covariates(r, f) * effects[draw][f];
      }
    }
  }
  for (auto& own : coefficients) own = to_cells(own);
  return coefficients;
}

DenseMatrix ValuePrecisionOperator::among(std::span<const ValuePlace> places) const {
  const std::size_t n = places.size();
  DenseMatrix own(n, n);
  std::vector<std::function<void()>> tasks;
  for (std::size_t i = 0; i < n; ++i) {
    tasks.emplace_back([&, i] {
      DenseMatrix unit = DenseMatrix::zero(grid_.num_cells(), grid_.rows().size());
      unit(places[i].cell, places[i].row) = 1.0;
      const auto column = apply(unit);
      for (std::size_t k = 0; k < n; ++k) own(k, i) = column(places[k].cell, places[k].row);
    });
  }
  const double m = static_cast<double>(grid_.rows().size());
  grid_.backend().tasks().run_independent(tasks, 2.0 * static_cast<double>(grid_.num_cells()) * m * m);
  return own;
}

DenseMatrix ValuePrecisionOperator::diagonal() const {
  const auto row_squares = squares_of(grid_.rows_axis().transform());
  const auto column_squares = squares_of(grid_.columns_axis().transform());
  DenseMatrix result(grid_.num_cells(), grid_.rows().size());
  std::vector<double> own(grid_.num_cells());
  for (std::size_t r = 0; r < result.columns(); ++r) {
    for (std::size_t q = 0; q < own.size(); ++q) own[q] = inverses_[q](r, r);
    indices_to_cells(row_squares, column_squares, own, {result.view().column(r), own.size()}, grid_.backend());
  }
  return result;
}

}  // namespace tramontana

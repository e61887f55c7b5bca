// SPDX-License-Identifier: Apache-2.0
#include "grid/value_precisions.hpp"

#include <functional>
#include <utility>
#include <vector>

#include "grid/effects_posterior.hpp"
#include "grid/grid_transform.hpp"
#include "grid/index_covariance.hpp"
#include "grid/index_runs.hpp"
#include "grid/index_solution.hpp"

namespace tramontana {
namespace {

class Precisions {
 public:
  Precisions(const PreparedGrid& grid, std::span<const double> theta, const CancellationToken* cancellation)
      : grid_(grid),
        theta_(theta),
        covariance_(grid, theta, false),
        runs_(grid, cancellation),
        num_rows_(grid.rows().size()),
        num_columns_(1 + grid.num_fixed_effects()),
        diagonals_(grid.num_cells(), num_rows_),
        products_(DenseMatrix::zero(num_columns_, num_columns_)) {
    for (std::size_t c = 0; c < num_columns_; ++c) solutions_.emplace_back(grid.num_cells(), num_rows_);
  }

  ValuePrecisions run() {
    solve();
    const auto effects = effects_posterior(products_, grid_.model().fixed_effects_prior_precision, grid_.backend());
    ValuePrecisions result{DenseMatrix(num_rows_, grid_.num_cells()), DenseMatrix(num_rows_, grid_.num_cells())};
    const auto row_squares = squares_of(grid_.rows_axis().transform());
    const auto column_squares = squares_of(grid_.columns_axis().transform());
    std::vector<std::function<void()>> tasks;
    for (std::size_t r = 0; r < num_rows_; ++r) {
      tasks.emplace_back([&, r] { put_row(r, effects, row_squares, column_squares, result); });
    }
    const double cells = static_cast<double>(grid_.num_cells());
    const double sides = static_cast<double>(grid_.rows_axis().num_cells() + grid_.columns_axis().num_cells());
    grid_.backend().tasks().run_independent(tasks, 2.0 * cells * sides * static_cast<double>(1 + num_columns_));
    return result;
  }

 private:
  void solve() {
    std::vector<DenseMatrix> products(runs_.size());
    runs_.for_each([&](std::size_t run, std::size_t index) {
      if (products[run].empty()) products[run] = DenseMatrix::zero(num_columns_, num_columns_);
      DenseMatrix own(num_rows_, num_rows_);
      covariance_.fill(index, own.view());
      const auto solution = solve_index(grid_, index, std::move(own), theta_);
      grid_.backend().dense().multiply(Transpose::yes, Transpose::no, 1.0, solution.columns.view(),
                                       solution.solutions.view(), 1.0, products[run].view());
      for (std::size_t r = 0; r < num_rows_; ++r) {
        diagonals_(index, r) = solution.inverse(r, r);
        for (std::size_t c = 0; c < num_columns_; ++c) solutions_[c](index, r) = solution.solutions(r, c);
      }
    });
    for (const auto& part : products) {
      for (std::size_t i = 0; i < num_columns_ * num_columns_; ++i) products_.data()[i] += part.data()[i];
    }
  }

  [[nodiscard]] std::vector<double> to_cells(const double* values, const DenseMatrix& rows,
                                             const DenseMatrix& columns) const {
    std::vector<double> cells(grid_.num_cells());
    indices_to_cells(rows, columns, {values, grid_.num_cells()}, cells, grid_.backend());
    return cells;
  }

  void put_row(std::size_t r, const EffectsPosterior& effects, const DenseMatrix& row_squares,
               const DenseMatrix& column_squares, ValuePrecisions& result) const {
    const auto& rows = grid_.rows_axis().transform();
    const auto& columns = grid_.columns_axis().transform();
    const auto diagonal = to_cells(diagonals_.view().column(r), row_squares, column_squares);
    std::vector<std::vector<double>> maps;
    for (const auto& solution : solutions_) maps.push_back(to_cells(solution.view().column(r), rows, columns));
    const std::size_t p = effects.mean.size();
    for (std::size_t cell = 0; cell < grid_.num_cells(); ++cell) {
      double pull = maps[0][cell];
      double precision = diagonal[cell];
      for (std::size_t f = 0; f < p; ++f) {
        const double of_effect = maps[1 + f][cell];
        pull -= effects.mean[f] * of_effect;
        for (std::size_t g = 0; g < p; ++g) {
          precision -= of_effect * effects.covariance(f, g) * maps[1 + g][cell];
        }
      }
      result.pull(r, cell) = pull;
      result.precision(r, cell) = precision;
    }
  }

  const PreparedGrid& grid_;
  std::span<const double> theta_;
  IndexCovariance covariance_;
  IndexRuns runs_;
  std::size_t num_rows_;
  std::size_t num_columns_;
  DenseMatrix diagonals_;               ///< cells x rows: the diagonal of C_q^-1
  std::vector<DenseMatrix> solutions_;  ///< of z and of each covariate, cells x rows
  DenseMatrix products_;
};

}  // namespace

ValuePrecisions value_precisions(const PreparedGrid& grid, std::span<const double> theta,
                                 const CancellationToken* cancellation) {
  return Precisions(grid, theta, cancellation).run();
}

}  // namespace tramontana

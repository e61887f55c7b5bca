// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "grid/effects_posterior.hpp"
#include "grid/index_solution.hpp"
#include "grid/mode_covariance.hpp"
#include "grid/mode_maps.hpp"
#include "grid/prediction_design.hpp"
#include "grid/prepared_grid.hpp"

namespace tramontana {
namespace {

/** Row indices whose coefficients are held at a time. */
constexpr std::size_t rows_at_once = 4;

/** What one step of the design sums over the indices. */
struct StepMaps {
  DenseMatrix variance;              ///< of the field given the data and the fixed effects
  std::vector<DenseMatrix> columns;  ///< E of the field by [z X], C^-1 applied
};

class GridPrediction {
 public:
  GridPrediction(const PreparedGrid& grid, std::span<const double> theta, const GridPredictionDesign& design,
                 const CancellationToken* cancellation)
      : grid_(grid),
        theta_(theta),
        design_(design),
        cancellation_(cancellation),
        process_(static_cast<std::size_t>(design.process)),
        covariance_(grid, theta, static_cast<std::size_t>(design.modes_per_cell)),
        maps_(grid.rows_axis(), grid.columns_axis(), static_cast<std::size_t>(design.modes_per_cell), design.rows,
              design.columns, grid.backend()),
        num_columns_(1 + grid.num_fixed_effects()),
        products_(DenseMatrix::zero(num_columns_, num_columns_)) {
    const std::size_t height = design.rows.centres.size();
    const std::size_t width = design.columns.centres.size();
    for (std::size_t t = 0; t < design.time_indices.size(); ++t) {
      auto& step = steps_.emplace_back();
      step.variance = DenseMatrix::zero(height, width);
      for (std::size_t c = 0; c < num_columns_; ++c) step.columns.push_back(DenseMatrix::zero(height, width));
    }
  }

  PredictionMoments run() {
    const std::size_t num_rows = grid_.rows_axis().num_cells();
    for (std::size_t first = 0; first < num_rows; first += rows_at_once) {
      add_band(first, std::min(rows_at_once, num_rows - first));
    }
    return finish();
  }

 private:
  /** Coefficients of the modes of a band, by step. */
  struct Band {
    std::vector<DenseMatrix> variance;
    std::vector<std::vector<DenseMatrix>> columns;
    std::vector<DenseMatrix> products;  ///< an index each
  };

  void add_band(std::size_t first_row, std::size_t num_rows) {
    const std::size_t num_cells = num_rows * grid_.columns_axis().num_cells();
    Band band;
    for (std::size_t t = 0; t < steps_.size(); ++t) {
      band.variance.push_back(maps_.quadratic_band(num_rows));
      auto& columns = band.columns.emplace_back();
      for (std::size_t c = 0; c < num_columns_; ++c) columns.push_back(maps_.linear_band(num_rows));
    }
    band.products.resize(num_cells);
    std::vector<std::function<void()>> tasks;
    for (std::size_t cell = 0; cell < num_cells; ++cell) {
      tasks.emplace_back([&, cell] {
        if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
        add_index(band, first_row, cell % num_rows, cell / num_rows);
      });
    }
    const double m = static_cast<double>(grid_.rows().size());
    const double ranks = static_cast<double>(maps_.num_ranks() * maps_.num_ranks());
    grid_.backend().tasks().run_independent(tasks, m * m * (m + 2.0 * ranks * static_cast<double>(steps_.size())));
    for (const auto& products : band.products) {
      for (std::size_t i = 0; i < num_columns_ * num_columns_; ++i) products_.data()[i] += products.data()[i];
    }
    for (std::size_t t = 0; t < steps_.size(); ++t) {
      maps_.add_quadratic(first_row, band.variance[t], steps_[t].variance.view());
      for (std::size_t c = 0; c < num_columns_; ++c) {
        maps_.add_linear(first_row, band.columns[t][c], steps_[t].columns[c].view());
      }
    }
  }

  void add_index(Band& band, std::size_t first_row, std::size_t row, std::size_t column) const {
    const auto& backend = grid_.backend();
    const std::size_t index = first_row + row + column * grid_.rows_axis().num_cells();
    const std::size_t m = grid_.rows().size();
    const auto modes = covariance_.modes_at(index);
    DenseMatrix own(m, m);
    covariance_.fill(modes, own.view());
    const auto solution = solve_index(grid_, index, std::move(own), theta_);
    auto& products = band.products[row + column * (band.products.size() / grid_.columns_axis().num_cells())];
    products = DenseMatrix(num_columns_, num_columns_);
    backend.dense().multiply(Transpose::yes, Transpose::no, 1.0, solution.columns.view(), solution.solutions.view(),
                             0.0, products.view());
    const std::size_t k = modes.size();
    DenseMatrix cross(m, k);
    DenseMatrix solved(m, k);
    DenseMatrix explained(k, k);
    DenseMatrix expected(k, num_columns_);
    for (std::size_t t = 0; t < steps_.size(); ++t) {
      covariance_.cross(modes, process_, static_cast<std::size_t>(design_.time_indices[t]), cross.view());
      backend.dense().symmetric_multiply(1.0, solution.inverse.view(), cross.view(), 0.0, solved.view());
      backend.dense().multiply(Transpose::yes, Transpose::no, 1.0, cross.view(), solved.view(), 0.0, explained.view());
      backend.dense().multiply(Transpose::yes, Transpose::no, 1.0, cross.view(), solution.solutions.view(), 0.0,
                               expected.view());
      put(modes, explained, expected, row, column, band.variance[t], band.columns[t]);
    }
  }

  void put(const std::vector<VisibleMode>& modes, const DenseMatrix& explained, const DenseMatrix& expected,
           std::size_t row, std::size_t column, DenseMatrix& variance, std::vector<DenseMatrix>& columns) const {
    const std::size_t ranks = maps_.num_ranks();
    const std::size_t pairs = maps_.num_pairs();
    for (std::size_t a = 0; a < modes.size(); ++a) {
      for (std::size_t c = 0; c < num_columns_; ++c) {
        columns[c](row * ranks + modes[a].row_rank, column * ranks + modes[a].column_rank) = expected(a, c);
      }
      for (std::size_t b = 0; b < modes.size(); ++b) {
        const double prior = a == b ? covariance_.prior_variance(modes[a], process_) : 0.0;
        variance(row * pairs + ModeMaps::pair(modes[a].row_rank, modes[b].row_rank),
                 column * pairs + ModeMaps::pair(modes[a].column_rank, modes[b].column_rank)) +=
            prior - 0.5 * (explained(a, b) + explained(b, a));
      }
    }
  }

  /** Adds the fixed effects and the modes beyond, and puts rows before columns. */
  [[nodiscard]] PredictionMoments finish() const {
    const auto effects = effects_posterior(products_, grid_.model().fixed_effects_prior_precision, grid_.backend());
    const std::size_t height = design_.rows.centres.size();
    const std::size_t width = design_.columns.centres.size();
    const std::size_t p = effects.mean.size();
    const std::size_t first_effect = grid_.first_effect_of(process_);
    const double beyond = covariance_.variance_beyond(process_, design_.rows.width, design_.columns.width);
    PredictionMoments moments;
    std::vector<double> weights(p);
    for (const auto& step : steps_) {
      for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
          // eta = X* beta + E(v | z - X beta): the weight of each effect is its covariate less what the field takes of
          // it.
          for (std::size_t f = 0; f < p; ++f) weights[f] = -step.columns[1 + f](y, x);
          for (std::size_t c = 0; c < grid_.num_effects_of(process_); ++c) {
            weights[first_effect + c] += design_.covariates[(c * height + y) * width + x];
          }
          double mean = step.columns[0](y, x);
          double variance = step.variance(y, x) + beyond;
          for (std::size_t f = 0; f < p; ++f) {
            mean += weights[f] * effects.mean[f];
            for (std::size_t g = 0; g < p; ++g) variance += weights[f] * weights[g] * effects.covariance(f, g);
          }
          moments.mean.push_back(mean);
          moments.variance.push_back(variance);
        }
      }
    }
    return moments;
  }

  const PreparedGrid& grid_;
  std::span<const double> theta_;
  const GridPredictionDesign& design_;
  const CancellationToken* cancellation_;
  std::size_t process_;
  ModeCovariance covariance_;
  ModeMaps maps_;
  std::size_t num_columns_;
  DenseMatrix products_;
  std::vector<StepMaps> steps_;
};

}  // namespace

PredictionMoments predict_grid(const PreparedGrid& grid, std::span<const double> theta,
                               const GridPredictionDesign& design, const CancellationToken* cancellation) {
  grid.check_theta(theta);
  check_design(grid, design);
  return GridPrediction(grid, theta, design, cancellation).run();
}

}  // namespace tramontana

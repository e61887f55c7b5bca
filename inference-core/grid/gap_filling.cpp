// SPDX-License-Identifier: Apache-2.0
#include "grid/gap_filling.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

#include "grid/index_covariance.hpp"
#include "grid/mode_covariance.hpp"

namespace tramontana {
namespace {

/** Of the residual relative to the right-hand side. */
constexpr double tolerance = 1e-11;
constexpr int most_steps = 2000;

struct Gap {
  std::size_t group;
  std::size_t place;
};

/** Gaps of a model, each filled with the mean of its step. */
std::vector<Gap> fill_with_means(GridModel& model) {
  std::vector<Gap> gaps;
  const auto cells = static_cast<std::size_t>(std::max(0, model.grid.num_rows)) *
                     static_cast<std::size_t>(std::max(0, model.grid.num_columns));
  for (std::size_t g = 0; g < model.groups.size(); ++g) {
    auto& y = model.groups[g].y;
    // A wrong length is refused with the rest of the model.
    if (cells == 0 || y.size() != cells * model.groups[g].time_index.size()) continue;
    std::size_t in_group = 0;
    for (std::size_t first = 0; first < y.size(); first += cells) {
      double sum = 0.0;
      std::size_t missing = 0;
      for (std::size_t i = first; i < first + cells; ++i) std::isnan(y[i]) ? ++missing : sum += y[i];
      if (missing == 0) continue;
      const std::string field = "groups[" + std::to_string(g) + "].y";
      if (missing == cells) {
        throw InvalidModel(field + " must have values at each of its steps, found none at position " +
                               std::to_string(first / cells) + " of timeIndex: leave the step out.",
                           {{"field", field}});
      }
      in_group += missing;
      for (std::size_t i = first; i < first + cells; ++i) {
        if (!std::isnan(y[i])) continue;
        y[i] = sum / static_cast<double>(cells - missing);
        gaps.push_back({g, i});
      }
    }
    if (static_cast<double>(in_group) > largest_missing_share * static_cast<double>(y.size())) {
      const std::string field = "groups[" + std::to_string(g) + "].y";
      throw InvalidModel(field + " must lack at most " + std::to_string(largest_missing_share) +
                             " of its values, found " + std::to_string(in_group) + " of " + std::to_string(y.size()) +
                             " missing: such data are for a mesh.",
                         {{"field", field},
                          {"missing", static_cast<std::int64_t>(in_group)},
                          {"values", static_cast<std::int64_t>(y.size())}});
    }
  }
  return gaps;
}

double inner(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

GapFilling::GapFilling(GridModel model, const Backend& backend) : model_(std::move(model)), backend_(backend) {
  const auto gaps = fill_with_means(model_);
  start_ = prepare_grid(model_, backend);
  const auto& rows = start_->rows();
  const std::size_t num_cells = start_->num_cells();
  const std::size_t height = start_->rows_axis().num_cells();
  const std::size_t width = start_->columns_axis().num_cells();
  for (const auto& [group, place] : gaps) {
    const auto step = static_cast<std::size_t>(model_.groups[group].time_index[place / num_cells]);
    const auto row = std::find_if(rows.begin(), rows.end(), [&, group = group](const GridRow& candidate) {
      return candidate.group == group && candidate.step == step;
    });
    const std::size_t cell = place % num_cells;
    missing_.push_back(
        {{static_cast<std::size_t>(row - rows.begin()), cell / width + height * (cell % width)}, group, place});
  }
}

std::vector<double> GapFilling::solve(const ValuePrecisionOperator& precision, const DenseMatrix& diagonal,
                                      const DenseMatrix& values) const {
  const std::size_t n = missing_.size();
  const auto at_gaps = [&](const DenseMatrix& all) {
    std::vector<double> result(n);
    for (std::size_t i = 0; i < n; ++i) result[i] = all(missing_[i].cell, missing_[i].row);
    return result;
  };
  std::vector<double> scale(n);
  for (std::size_t i = 0; i < n; ++i) scale[i] = 1.0 / diagonal(missing_[i].cell, missing_[i].row);
  auto residual = at_gaps(precision.apply(values));
  const double target = tolerance * std::sqrt(inner(residual, residual));
  std::vector<double> solution(n, 0.0);
  std::vector<double> scaled(n);
  const auto precondition = [&] {
    for (std::size_t i = 0; i < n; ++i) scaled[i] = scale[i] * residual[i];
  };
  precondition();
  auto direction = scaled;
  double fall = inner(residual, scaled);
  DenseMatrix spread = DenseMatrix::zero(values.rows(), values.columns());
  for (int step = 0; step < most_steps && std::sqrt(inner(residual, residual)) > target; ++step) {
    for (std::size_t i = 0; i < n; ++i) spread(missing_[i].cell, missing_[i].row) = direction[i];
    const auto moved = at_gaps(precision.apply(spread));
    const double length = fall / inner(direction, moved);
    for (std::size_t i = 0; i < n; ++i) {
      solution[i] += length * direction[i];
      residual[i] -= length * moved[i];
    }
    precondition();
    const double next = inner(residual, scaled);
    for (std::size_t i = 0; i < n; ++i) direction[i] = scaled[i] + next / fall * direction[i];
    fall = next;
  }
  // Rounding may stop short of the target; a thousandth of it in the values is still far below any noise.
  if (!(std::sqrt(inner(residual, residual)) <= 1e4 * target)) {
    throw NotPositiveDefinite("The gaps of the grid cannot be filled: conjugate gradients did not converge in " +
                                  std::to_string(most_steps) + " steps for " + std::to_string(n) + " missing values.",
                              {{"missing", static_cast<std::int64_t>(n)}});
  }
  return solution;
}

DenseMatrix GapFilling::start_values() const {
  const auto& grid = *start_;
  DenseMatrix values(grid.num_cells(), grid.rows().size());
  const std::size_t height = grid.rows_axis().num_cells();
  const std::size_t width = grid.columns_axis().num_cells();
  for (std::size_t r = 0; r < grid.rows().size(); ++r) {
    const auto& group = model_.groups[grid.rows()[r].group];
    const auto found = std::lower_bound(group.time_index.begin(), group.time_index.end(), grid.rows()[r].step);
    const double* y = group.y.data() + static_cast<std::size_t>(found - group.time_index.begin()) * grid.num_cells();
    for (std::size_t i = 0; i < grid.num_cells(); ++i) values(i / width + height * (i % width), r) = y[i];
  }
  return values;
}

std::vector<GridModel> GapFilling::fill(std::span<const double> theta, GapCovariance covariance,
                                        std::size_t modes_per_cell, std::size_t num_draws, std::uint64_t seed,
                                        const CancellationToken* cancellation) const {
  const auto& grid = *start_;
  FillIndexCovariance fill_covariance;
  if (covariance == GapCovariance::expected) {
    fill_covariance = [own = IndexCovariance(grid, theta, false)](std::size_t index, MatrixView out) {
      own.fill(index, out);
    };
  } else {
    fill_covariance = [own = ModeCovariance(grid, theta, modes_per_cell)](std::size_t index, MatrixView out) {
      own.fill(own.modes_at(index), out);
    };
  }
  const ValuePrecisionOperator precision(grid, theta, fill_covariance, cancellation);
  const auto diagonal = precision.diagonal();
  const auto values = start_values();
  std::vector<GridModel> models{model_};
  const auto correction = solve(precision, diagonal, values);
  for (std::size_t i = 0; i < missing_.size(); ++i) {
    models[0].groups[missing_[i].group].y[missing_[i].place] -= correction[i];
  }
  if (num_draws == 0) return models;
  for (const auto& prior : precision.draw(seed, num_draws)) {
    const auto deviation = solve(precision, diagonal, prior);
    auto drawn = models[0];
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      drawn.groups[missing_[i].group].y[missing_[i].place] += deviation[i];
    }
    models.push_back(std::move(drawn));
  }
  return models;
}

ValuePrecisions GapFilling::observed_precisions(std::span<const double> theta, std::size_t num_draws,
                                                std::uint64_t seed, const CancellationToken* cancellation) const {
  const auto& grid = *start_;
  const IndexCovariance covariance(grid, theta, false);
  const ValuePrecisionOperator precision(
      grid, theta, [&](std::size_t index, MatrixView out) { covariance.fill(index, out); }, cancellation);
  const auto diagonal = precision.diagonal();
  auto values = start_values();
  const auto correction = solve(precision, diagonal, values);
  for (std::size_t i = 0; i < missing_.size(); ++i) values(missing_[i].cell, missing_[i].row) -= correction[i];
  const auto pull = precision.apply(values);
  // P_oo - P_om P_mm^-1 P_mo: what the pulls vary by over draws of the gaps.
  DenseMatrix variance = DenseMatrix::zero(values.rows(), values.columns());
  DenseMatrix spread = DenseMatrix::zero(values.rows(), values.columns());
  for (const auto& prior : precision.draw(seed, num_draws)) {
    const auto deviation = solve(precision, diagonal, prior);
    for (std::size_t i = 0; i < missing_.size(); ++i) spread(missing_[i].cell, missing_[i].row) = deviation[i];
    const auto moved = precision.apply(spread);
    for (std::size_t i = 0; i < moved.rows() * moved.columns(); ++i) {
      variance.data()[i] += moved.data()[i] * moved.data()[i] / static_cast<double>(num_draws);
    }
  }
  auto result = value_precisions(grid, theta, cancellation);
  for (std::size_t r = 0; r < grid.rows().size(); ++r) {
    for (std::size_t cell = 0; cell < grid.num_cells(); ++cell) {
      result.pull(r, cell) = pull(cell, r);
      // The share that is left is positive; a sample of the rest may not say so where nearly nothing is left.
      const double whole = result.precision(r, cell);
      result.precision(r, cell) = std::max(0.05 * whole, whole - variance(cell, r));
    }
  }
  for (const auto& gap : missing_) {
    result.pull(gap.row, gap.cell) = std::numeric_limits<double>::quiet_NaN();
  }
  return result;
}

double GapFilling::log_density_of_gaps(std::span<const double> theta, const CancellationToken* cancellation) const {
  constexpr std::size_t most_gaps = 8192;
  const std::size_t n = missing_.size();
  if (n > most_gaps) return std::numeric_limits<double>::quiet_NaN();
  const auto& grid = *start_;
  const IndexCovariance covariance(grid, theta, false);
  const ValuePrecisionOperator precision(
      grid, theta, [&](std::size_t index, MatrixView out) { covariance.fill(index, out); }, cancellation);
  auto own = precision.among(std::vector<ValuePlace>(missing_.begin(), missing_.end()));
  const auto outcome = backend_.dense().invert_positive_definite(own.view());
  if (outcome.failure) return std::numeric_limits<double>::quiet_NaN();
  return 0.5 * (outcome.log_determinant - static_cast<double>(n) * std::log(2.0 * std::numbers::pi));
}

}  // namespace tramontana

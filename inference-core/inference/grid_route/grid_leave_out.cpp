// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <utility>

#include "grid/index_covariance.hpp"
#include "grid/value_precision_operator.hpp"
#include "inference/prediction/folds.hpp"
#include "model/likelihoods/special_functions.hpp"
#include "tramontana/grid_posterior.hpp"

namespace tramontana {
namespace {

/** A fold's own precision is dense: half a gigabyte at this size. */
constexpr std::size_t most_values = 8192;

/** A value of the data, wherever it is asked for. */
struct Value : ValuePlace {
  std::size_t group = 0;
  std::size_t place = 0;  ///< in the group's y
};

class GridLeaveOut {
 public:
  GridLeaveOut(const PreparedGrid& grid, std::span<const double> theta, const CancellationToken* cancellation)
      : grid_(grid),
        covariance_(grid, theta, false),
        noise_(grid.noise_variances(theta)),
        precision_(
            grid, theta, [this](std::size_t index, MatrixView out) { covariance_.fill(index, out); }, cancellation) {
    DenseMatrix values(grid.num_cells(), grid.rows().size());
    for (std::size_t r = 0; r < grid.rows().size(); ++r) {
      for (std::size_t cell = 0; cell < grid.num_cells(); ++cell) {
        const auto [group, place] = place_of(r, cell);
        values(cell, r) = grid.model().groups[group].y[place];
      }
    }
    pull_ = precision_.apply(values);
  }

  LeaveOutResult run(Folds folds, std::int32_t num_folds) {
    std::vector<std::vector<Value>> members(static_cast<std::size_t>(num_folds));
    LeaveOutResult result;
    for (const auto& group : grid_.model().groups) {
      const std::vector<double> unknown(group.y.size(), std::numeric_limits<double>::quiet_NaN());
      result.groups.push_back({unknown, unknown, unknown, unknown});
    }
    for (std::size_t r = 0; r < grid_.rows().size(); ++r) {
      for (std::size_t cell = 0; cell < grid_.num_cells(); ++cell) {
        const auto [group, place] = place_of(r, cell);
        const auto fold = folds[group][place];
        if (fold >= 0) members[static_cast<std::size_t>(fold)].push_back({{r, cell}, group, place});
      }
    }
    double sum = 0.0;
    double count = 0.0;
    for (std::size_t fold = 0; fold < members.size(); ++fold) {
      result.fold_log_density.push_back(leave_out(fold, members[fold], result));
      for (const auto& value : members[fold]) sum += result.groups[value.group].log_density[value.place];
      count += static_cast<double>(members[fold].size());
    }
    result.log_score = count > 0.0 ? -sum / count : std::numeric_limits<double>::quiet_NaN();
    return result;
  }

 private:
  [[nodiscard]] std::pair<std::size_t, std::size_t> place_of(std::size_t r, std::size_t cell) const {
    const auto& row = grid_.rows()[r];
    const auto& steps = grid_.model().groups[row.group].time_index;
    const auto found = std::lower_bound(steps.begin(), steps.end(), row.step);
    const std::size_t height = grid_.rows_axis().num_cells();
    return {row.group, static_cast<std::size_t>(found - steps.begin()) * grid_.num_cells() +
                           (cell % height) * grid_.columns_axis().num_cells() + cell / height};
  }

  /** @return the joint log density of the fold */
  double leave_out(std::size_t fold, const std::vector<Value>& values, LeaveOutResult& result) const {
    const std::size_t n = values.size();
    if (n == 0) return 0.0;
    if (n > most_values) {
      throw InvalidModel("Folds of a grid must hold at most " + std::to_string(most_values) + " values, found " +
                             std::to_string(n) + " in fold " + std::to_string(fold) + ".",
                         {{"fold", static_cast<std::int64_t>(fold)}, {"values", static_cast<std::int64_t>(n)}});
    }
    auto covariance = precision_.among(std::vector<ValuePlace>(values.begin(), values.end()));
    const auto outcome = grid_.backend().dense().invert_positive_definite(covariance.view());
    if (outcome.failure) {
      throw NotPositiveDefinite("The precision of fold " + std::to_string(fold) + " must be positive definite, found " +
                                    std::to_string(outcome.failure->value) + ".",
                                {{"fold", static_cast<std::int64_t>(fold)}});
    }
    mirror_lower(covariance.view());
    double square = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
      double deviation = 0.0;
      for (std::size_t k = 0; k < n; ++k) deviation += covariance(i, k) * pull_(values[k].cell, values[k].row);
      square += deviation * pull_(values[i].cell, values[i].row);
      const auto& value = values[i];
      const double variance = covariance(i, i);
      const double noise = noise_[value.group] / grid_.rows()[value.row].weight;
      auto& of = result.groups[value.group];
      of.mean[value.place] = grid_.model().groups[value.group].y[value.place] - deviation;
      of.sd[value.place] = std::sqrt(std::max(0.0, variance - noise));
      of.log_density[value.place] =
          -0.5 * (std::log(2.0 * std::numbers::pi * variance) + deviation * deviation / variance);
      of.pit[value.place] = normal_cumulative(deviation / std::sqrt(variance));
    }
    const double constants = static_cast<double>(n) * std::log(2.0 * std::numbers::pi);
    return 0.5 * (outcome.log_determinant - constants - square);
  }

  const PreparedGrid& grid_;
  IndexCovariance covariance_;
  std::vector<double> noise_;
  ValuePrecisionOperator precision_;
  DenseMatrix pull_;
};

}  // namespace

LeaveOutResult leave_grid_groups_out(const PreparedGrid& grid, std::span<const double> theta,
                                     std::span<const std::vector<std::int32_t>> folds,
                                     const CancellationToken* cancellation) {
  grid.check_theta(theta);
  const auto num_folds = count_folds(folds, sizes_of(grid.model().groups));
  return GridLeaveOut(grid, theta, cancellation).run(folds, num_folds);
}

}  // namespace tramontana

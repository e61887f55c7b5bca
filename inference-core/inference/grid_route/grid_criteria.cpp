// SPDX-License-Identifier: Apache-2.0
#include "inference/grid_route/grid_criteria.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "model/likelihoods/special_functions.hpp"

namespace tramontana {
namespace {

double log_normal_density(double deviation, double variance) {
  return -0.5 * (std::log(2.0 * std::numbers::pi * variance) + deviation * deviation / variance);
}

}  // namespace

GridCriteria grid_criteria(const PreparedGrid& grid, std::span<const double> theta,
                           const ValuePrecisions& value_precisions) {
  const auto& [pulls, precisions] = value_precisions;
  const auto& groups = grid.model().groups;
  const std::size_t num_cells = grid.num_cells();
  const std::size_t height = grid.rows_axis().num_cells();
  const std::size_t width = grid.columns_axis().num_cells();
  const auto noise = grid.noise_variances(theta);
  GridCriteria result;
  auto& criteria = result.criteria;
  for (const auto& group : groups) {
    const std::vector<double> unknown(group.y.size(), std::numeric_limits<double>::quiet_NaN());
    criteria.groups.push_back({unknown, unknown});
    result.observations.push_back({unknown, unknown});
  }
  double count = 0.0;
  double log_cpo_sum = 0.0;
  double deviance = 0.0;
  double deviance_at_mean = 0.0;
  double waic = 0.0;
  double waic_parameters = 0.0;
  for (std::size_t r = 0; r < grid.rows().size(); ++r) {
    const auto& row = grid.rows()[r];
    const auto& group = groups[row.group];
    const auto found = std::lower_bound(group.time_index.begin(), group.time_index.end(), row.step);
    const std::size_t first = static_cast<std::size_t>(found - group.time_index.begin()) * num_cells;
    const double noise_variance = noise[row.group] / row.weight;
    for (std::size_t cell = 0; cell < num_cells; ++cell) {
      const std::size_t i = first + (cell % height) * width + cell / height;
      const double pull = pulls(r, cell);
      if (std::isnan(pull)) continue;
      count += 1.0;
      const double precision = precisions(r, cell);
      const double left_out = pull / precision;  // y less its mean given the rest
      auto& of_group = criteria.groups[row.group];
      of_group.log_cpo[i] = log_normal_density(left_out, 1.0 / precision);
      of_group.pit[i] = normal_cumulative(left_out * std::sqrt(precision));
      log_cpo_sum += of_group.log_cpo[i];
      const double residual = noise_variance * pull;  // y less the mean of eta
      const double variance = std::max(0.0, noise_variance * (1.0 - noise_variance * precision));
      result.observations[row.group].mean[i] = group.y[i] - residual;
      result.observations[row.group].sd[i] = std::sqrt(variance);
      const double at_mean = log_normal_density(residual, noise_variance);
      deviance_at_mean -= 2.0 * at_mean;
      deviance += -2.0 * at_mean + variance / noise_variance;
      // Var of (y - eta)^2 / (2 s^2) for a normal eta.
      const double spread = variance * (0.5 * variance + residual * residual) / (noise_variance * noise_variance);
      waic -= 2.0 * (log_normal_density(residual, noise_variance + variance) - spread);
      waic_parameters += spread;
    }
  }
  criteria.mean_deviance = deviance;
  criteria.deviance_at_mean = deviance_at_mean;
  criteria.dic_effective_parameters = deviance - deviance_at_mean;
  criteria.dic = deviance + criteria.dic_effective_parameters;
  criteria.waic = waic;
  criteria.waic_effective_parameters = waic_parameters;
  criteria.log_score = -log_cpo_sum / count;
  return result;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "grid/grid_validation.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace tramontana {
namespace {

/** A grid of fewer cells along an axis tells nothing about ranges along it. */
constexpr std::int32_t least_cells = 4;
/** Beyond it the tables of an evaluation leave any machine. */
constexpr std::int32_t most_cells = 4096;

[[noreturn]] void refuse(const std::string& field, const std::string& expectation, const std::string& found) {
  throw InvalidModel(field + " must be " + expectation + ", found " + found + ".", {{"field", field}});
}

void check_count(const std::string& field, std::int32_t value, std::int32_t least, std::int32_t most) {
  if (value >= least && value <= most) return;
  refuse(field, "from " + std::to_string(least) + " to " + std::to_string(most), std::to_string(value));
}

void check_positive(const std::string& field, double value) {
  if (!(value > 0.0) || !std::isfinite(value)) refuse(field, "positive", std::to_string(value));
}

void check_values(const std::string& field, const std::vector<double>& values, std::size_t expected) {
  if (values.size() != expected) {
    refuse(field, std::to_string(expected) + " numbers, cells times steps", std::to_string(values.size()));
  }
  const auto hole = std::find_if(values.begin(), values.end(), [](double value) { return !std::isfinite(value); });
  if (hole != values.end()) {
    refuse(field + "[" + std::to_string(hole - values.begin()) + "]", "finite: the grid is complete",
           std::to_string(*hole));
  }
}

void check_group(const GridModel& model, std::size_t index) {
  const auto& group = model.groups[index];
  const std::string name = "groups[" + std::to_string(index) + "].";
  check_count(name + "process", group.process, 0, 1000);
  check_count(name + "numCovariates", group.num_covariates, 0, 1000);
  if (group.time_index.empty()) refuse(name + "timeIndex", "one step or more", "none");
  for (std::size_t i = 0; i < group.time_index.size(); ++i) {
    const auto field = name + "timeIndex[" + std::to_string(i) + "]";
    check_count(field, group.time_index[i], 0, model.num_time_steps - 1);
    if (i > 0 && group.time_index[i] <= group.time_index[i - 1]) {
      refuse(field, "later than the one before", std::to_string(group.time_index[i]));
    }
  }
  const auto cells = static_cast<std::size_t>(model.grid.num_rows) * static_cast<std::size_t>(model.grid.num_columns);
  check_values(name + "y", group.y, cells * group.time_index.size());
  if (!group.weights.empty() && group.weights.size() != group.time_index.size()) {
    refuse(name + "weights", std::to_string(group.time_index.size()) + " numbers, one a step, or none",
           std::to_string(group.weights.size()));
  }
  for (std::size_t i = 0; i < group.weights.size(); ++i) {
    check_positive(name + "weights[" + std::to_string(i) + "]", group.weights[i]);
  }
  check_values(name + "covariates", group.covariates, cells * static_cast<std::size_t>(group.num_covariates));
}

}  // namespace

void validate_grid(const GridModel& model) {
  if (model.kind == ModelKind::spatio_temporal) {
    refuse("kind", "exact-diffusion, separable or spatial for a complete grid", "spatio-temporal");
  }
  check_count("grid.numRows", model.grid.num_rows, least_cells, most_cells);
  check_count("grid.numColumns", model.grid.num_columns, least_cells, most_cells);
  check_positive("grid.cellHeight", model.grid.cell_height);
  check_positive("grid.cellWidth", model.grid.cell_width);
  check_positive("fixedEffectsPriorPrecision", model.fixed_effects_prior_precision);
  const bool is_spatial = model.kind == ModelKind::spatial;
  check_count("numTimeSteps", model.num_time_steps, 1, is_spatial ? 1 : 100'000);
  if (model.groups.empty()) refuse("groups", "one or more", "none");
  std::vector<std::int32_t> covariates;
  for (std::size_t i = 0; i < model.groups.size(); ++i) {
    check_group(model, i);
    const auto process = static_cast<std::size_t>(model.groups[i].process);
    if (process >= covariates.size()) covariates.resize(process + 1, -1);
    auto& expected = covariates[process];
    if (expected >= 0 && expected != model.groups[i].num_covariates) {
      refuse("groups[" + std::to_string(i) + "].numCovariates",
             std::to_string(expected) + " as in the other groups of process " + std::to_string(process),
             std::to_string(model.groups[i].num_covariates));
    }
    expected = model.groups[i].num_covariates;
  }
  const auto missing = std::find(covariates.begin(), covariates.end(), -1);
  if (missing != covariates.end()) {
    refuse("groups", "at least one a process", "none of process " + std::to_string(missing - covariates.begin()));
  }
}

}  // namespace tramontana

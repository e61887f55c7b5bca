// SPDX-License-Identifier: Apache-2.0
#include "grid/prediction_design.hpp"

#include <string>

namespace tramontana {
namespace {

[[noreturn]] void refuse(const std::string& field, const std::string& expectation, const std::string& found) {
  throw InvalidModel("The design's " + field + " must be " + expectation + ", found " + found + ".",
                     {{"field", field}});
}

void check_intervals(const std::string& field, const GridIntervals& intervals, double length) {
  if (intervals.centres.empty()) refuse(field + ".centres", "one or more", "none");
  if (!(intervals.width >= 0.0 && intervals.width <= length)) {
    refuse(field + ".width", "from 0 to " + std::to_string(length), std::to_string(intervals.width));
  }
  for (const double centre : intervals.centres) {
    if (!(centre >= 0.0 && centre <= length)) {
      refuse(field + ".centres", "from 0 to " + std::to_string(length), std::to_string(centre));
    }
  }
}

}  // namespace

void check_design(const PreparedGrid& grid, const GridPredictionDesign& design) {
  const auto process = static_cast<std::size_t>(design.process);
  if (design.process < 0 || process >= grid.num_processes()) {
    refuse("process", "from 0 to " + std::to_string(grid.num_processes() - 1), std::to_string(design.process));
  }
  if (design.time_indices.empty()) refuse("timeIndices", "one or more", "none");
  for (const auto step : design.time_indices) {
    if (step < 0 || static_cast<std::size_t>(step) >= grid.num_steps()) {
      refuse("timeIndices", "from 0 to " + std::to_string(grid.num_steps() - 1), std::to_string(step));
    }
  }
  check_intervals("rows", design.rows, grid.rows_axis().length());
  check_intervals("columns", design.columns, grid.columns_axis().length());
  if (design.modes_per_cell < 1 || design.modes_per_cell > 15 || design.modes_per_cell % 2 == 0) {
    refuse("modesPerCell", "odd and from 1 to 15", std::to_string(design.modes_per_cell));
  }
  const std::size_t expected =
      grid.num_effects_of(process) * design.rows.centres.size() * design.columns.centres.size();
  if (design.covariates.size() != expected) {
    refuse("covariates", std::to_string(expected) + " numbers", std::to_string(design.covariates.size()));
  }
}

}  // namespace tramontana

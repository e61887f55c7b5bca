// SPDX-License-Identifier: Apache-2.0
#include "grid/draw_maps.hpp"

#include <algorithm>

#include "grid/prediction_design.hpp"

namespace tramontana {

DrawMaps::DrawMaps(const PreparedGrid& grid, std::span<const GridPredictionDesign> designs)
    : grid_(grid), designs_(designs) {
  for (const auto& design : designs) {
    check_design(grid, design);
    modes_per_cell_ = std::max(modes_per_cell_, static_cast<std::size_t>(design.modes_per_cell));
  }
  for (const auto& design : designs) {
    maps_.emplace_back(grid.rows_axis(), grid.columns_axis(), modes_per_cell_, design.rows, design.columns,
                       grid.backend());
  }
}

std::size_t DrawMaps::size_of(std::size_t design) const {
  const auto& of = designs_[design];
  return of.time_indices.size() * of.rows.centres.size() * of.columns.centres.size();
}

std::vector<double> DrawMaps::map_of(std::size_t index, const PosteriorDraw& draw) const {
  const auto& design = designs_[index];
  const auto process = static_cast<std::size_t>(design.process);
  const std::size_t height = design.rows.centres.size();
  const std::size_t width = design.columns.centres.size();
  const std::size_t first_effect = grid_.first_effect_of(process);
  std::vector<double> result;
  result.reserve(size_of(index));
  for (const auto step : design.time_indices) {
    DenseMatrix map = DenseMatrix::zero(height, width);
    maps_[index].add_linear(0, draw.coefficients[process * grid_.num_steps() + static_cast<std::size_t>(step)],
                            map.view());
    for (std::size_t y = 0; y < height; ++y) {
      for (std::size_t x = 0; x < width; ++x) {
        double value = map(y, x);
        for (std::size_t c = 0; c < grid_.num_effects_of(process); ++c) {
          value += draw.effects[first_effect + c] * design.covariates[(c * height + y) * width + x];
        }
        result.push_back(value);
      }
    }
  }
  return result;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "grid/mode_maps.hpp"
#include "grid/posterior_draws.hpp"
#include "grid/prepared_grid.hpp"

namespace tramontana {

/** Carries draws of the modes to the rectangles of some designs, all with the modes of the most demanding one. */
class DrawMaps {
 public:
  /** `designs` must outlive this object. @throws InvalidModel naming the field of a design */
  DrawMaps(const PreparedGrid& grid, std::span<const GridPredictionDesign> designs);

  [[nodiscard]] std::size_t modes_per_cell() const { return modes_per_cell_; }
  /** Numbers in the map of a design. */
  [[nodiscard]] std::size_t size_of(std::size_t design) const;
  /** [time_indices][rows][columns]: fields by their kept modes, and fixed effects. */
  [[nodiscard]] std::vector<double> map_of(std::size_t design, const PosteriorDraw& draw) const;

 private:
  const PreparedGrid& grid_;
  std::span<const GridPredictionDesign> designs_;
  std::size_t modes_per_cell_ = 1;
  std::vector<ModeMaps> maps_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "grid/prepared_grid.hpp"

namespace tramontana {

/** @throws InvalidModel naming the field of the design, the expectation and the value */
void check_design(const PreparedGrid& grid, const GridPredictionDesign& design);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tramontana/grid.hpp"

namespace tramontana {

/** @throws InvalidModel naming the field, the expectation and the value */
void validate_grid(const GridModel& model);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tramontana/engine_model.hpp"

namespace tramontana {

/**
 * The covariates of each process must be linearly independent, but for columns of zeros and for processes with fewer
 * observations than columns: the data cannot tell the effects of collinear ones apart, and large ones make the block of
 * fixed effects lose its positive definiteness.
 *
 * @throws InvalidModel naming the process, the column and those that it is a combination of
 */
void validate_independent_columns(const EngineModel& model);

}  // namespace tramontana

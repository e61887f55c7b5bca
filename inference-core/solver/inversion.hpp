// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "kernels/backend.hpp"

namespace tramontana {

/** Inverts `block` in place and returns its log determinant. @throws NotPositiveDefinite naming `what` and `step`. */
double invert_or_throw(const Backend& backend, MatrixView block, std::size_t step, const char* what);

}  // namespace tramontana

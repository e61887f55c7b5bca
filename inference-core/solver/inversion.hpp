// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "kernels/block_kernels.hpp"

namespace tramontana {

/** Inverts `block` in place and returns its log determinant. @throws NotPositiveDefinite naming `what` and `step`. */
double invert_or_throw(const BlockKernels& kernels, BlockView block, std::size_t step, const char* what);

}  // namespace tramontana

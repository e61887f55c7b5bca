// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "kernels/trace_terms.hpp"
#include "matrix/dense.hpp"

namespace tramontana::host {

/** BlockKernels::add_traces(): a few hundred entries of all blocks at a time, so that each is read once. */
void add_traces(std::span<const TraceTerm> terms, std::span<const ScaledBlock> left, std::span<const ScaledBlock> right,
                ModeRange modes, MatrixView traces);

}  // namespace tramontana::host

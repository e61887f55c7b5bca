// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "kernels/block_kernels.hpp"

namespace tramontana::host {

/** Copies the lower triangle to the upper one, tile by tile. */
void mirror(MatrixView m);

/** to = from', tile by tile. */
void transpose(ConstMatrixView from, MatrixView to);

/** All entries of a symmetric matrix. */
[[nodiscard]] DenseMatrix full_from_lower(ConstMatrixView m);

/**
 * BlockKernels::assemble() but for dense couplings, column by column: each is written once, and read back from the
 * cache while the terms are added. Patterns and diagonal couplings cost n^2 flops each, sparse ones 3 n times their
 * entries.
 */
void assemble(const BlockTerms& terms, std::span<const Congruence> congruences, MatrixView out);

}  // namespace tramontana::host

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/backend.hpp"
#include "matrix/block_sequence.hpp"

namespace tramontana {

/** result += alpha * C * x, or alpha * C' * x. */
void add_coupled(const Backend& backend, double alpha, const Coupling& coupling, Transpose transpose, ConstMatrixView x,
                 MatrixView result);

/** Lower triangle of out -= C m C', or C' m C, for symmetric m. */
void subtract_coupled_congruence(const Backend& backend, const Coupling& coupling, Transpose transpose,
                                 ConstMatrixView m, MatrixView out);

/** C m (dense, all entries), or C' m, for symmetric m. */
[[nodiscard]] DenseMatrix coupled_symmetric(const Backend& backend, const Coupling& coupling, Transpose transpose,
                                            ConstMatrixView m);

}  // namespace tramontana

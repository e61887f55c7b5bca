// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/block_kernels.hpp"

namespace tramontana {

/** result += alpha * C * x, or alpha * C' * x, for a few columns of the host. */
void add_coupled(const BlockKernels& kernels, double alpha, const Coupling& coupling, Transpose transpose,
                 ConstMatrixView x, MatrixView result);

/** result = alpha * C * x for a whole block. */
void multiply_coupled(const BlockKernels& kernels, double alpha, const Coupling& coupling, ConstBlockView x,
                      BlockView result);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/block_kernels.hpp"

namespace tramontana::testing {

[[nodiscard]] inline DenseMatrix downloaded(const BlockKernels& kernels, ConstBlockView block) {
  DenseMatrix result(block.rows(), block.columns());
  kernels.download(block, result.view());
  return result;
}

[[nodiscard]] inline Block uploaded(const BlockKernels& kernels, const DenseMatrix& matrix) {
  auto result = kernels.allocate(matrix.rows(), matrix.columns());
  kernels.upload(matrix.view(), result.view());
  return result;
}

}  // namespace tramontana::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "matrix/block.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/** The off-diagonal block diag(values). */
struct DiagonalCoupling {
  std::vector<double> values;
};
/** A sparse off-diagonal block: for skinny right-hand sides on the host, and for blocks where they live. */
struct SparseCoupling {
  CsrMatrix matrix;
  SparseBlock block;
};
/** A dense off-diagonal block. */
struct DenseCoupling {
  Block block;
};

/** The off-diagonal block Q_{t+1,t} of a block-tridiagonal matrix, as an operator. */
using Coupling = std::variant<DiagonalCoupling, SparseCoupling, DenseCoupling>;

}  // namespace tramontana

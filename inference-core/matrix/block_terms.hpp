// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include "matrix/block.hpp"

namespace tramontana {

/** coefficient * H at (row, column) of a larger block; H has all its entries, and outlives the term. */
struct PatternTerm {
  double coefficient = 0.0;
  std::variant<ConstBlockView, const SparseBlock*> pattern;
  std::size_t row = 0;
  std::size_t column = 0;
};

/** What a symmetric block is a sum of: patterns, of which the lower triangle of the block counts, and a diagonal. */
struct BlockTerms {
  std::vector<PatternTerm> patterns;
  std::vector<double> diagonal;  ///< empty: none
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "grid/index_solution.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace tramontana {

IndexSolution solve_index(const PreparedGrid& grid, std::size_t index, DenseMatrix covariance,
                          std::span<const double> theta) {
  const auto& backend = grid.backend();
  const std::size_t m = grid.rows().size();
  const std::size_t p = grid.num_fixed_effects();
  IndexSolution result{std::move(covariance), 0.0, DenseMatrix(m, 1 + p), DenseMatrix(m, 1 + p)};
  const auto outcome = backend.dense().invert_positive_definite(result.inverse.view());
  if (outcome.failure) {
    const auto& [pivot, value] = *outcome.failure;
    throw NotPositiveDefinite(
        "The covariance of the data at an index of the grid's cosine transform must be positive definite, found the "
        "pivot " +
            std::to_string(value) + " at row " + std::to_string(pivot) + " of index " + std::to_string(index) + ".",
        {{"index", static_cast<std::int64_t>(index)},
         {"pivot", static_cast<std::int64_t>(pivot)},
         {"value", value},
         {"theta", std::vector<double>(theta.begin(), theta.end())}});
  }
  result.log_determinant = outcome.log_determinant;
  std::copy_n(grid.data().view().column(index), m, result.columns.data());
  grid.covariates_at(index, result.columns.view().block(0, 1, m, p));
  backend.dense().symmetric_multiply(1.0, result.inverse.view(), result.columns.view(), 0.0, result.solutions.view());
  return result;
}

}  // namespace tramontana

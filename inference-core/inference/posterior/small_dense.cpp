// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/small_dense.hpp"

#include <cmath>
#include <string>

#include "tramontana/errors.hpp"

namespace tramontana {

DenseMatrix small_cholesky(const DenseMatrix& a, const char* what) {
  const std::size_t n = a.rows();
  auto lower = DenseMatrix::zero(n, n);
  for (std::size_t j = 0; j < n; ++j) {
    double pivot = a(j, j);
    for (std::size_t k = 0; k < j; ++k) pivot -= lower(j, k) * lower(j, k);
    if (!(pivot > 0.0) || !std::isfinite(pivot)) {
      throw NotPositiveDefinite(
          std::string("The ") + what + " is not positive definite: expected a positive pivot, found " +
              std::to_string(pivot) + " at pivot " + std::to_string(j) + ".",
          {{"block", std::string(what)}, {"pivot", static_cast<std::int64_t>(j)}, {"pivotValue", pivot}});
    }
    lower(j, j) = std::sqrt(pivot);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = a(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= lower(i, k) * lower(j, k);
      lower(i, j) = sum / lower(j, j);
    }
  }
  return lower;
}

DenseMatrix small_triangular_inverse(const DenseMatrix& lower) {
  const std::size_t n = lower.rows();
  auto inverse = DenseMatrix::zero(n, n);
  for (std::size_t j = 0; j < n; ++j) {
    inverse(j, j) = 1.0 / lower(j, j);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = 0.0;
      for (std::size_t k = j; k < i; ++k) sum -= lower(i, k) * inverse(k, j);
      inverse(i, j) = sum / lower(i, i);
    }
  }
  return inverse;
}

DenseMatrix small_product(const DenseMatrix& a, bool transpose_a, const DenseMatrix& b) {
  const std::size_t rows = transpose_a ? a.columns() : a.rows();
  auto result = DenseMatrix::zero(rows, b.columns());
  for (std::size_t j = 0; j < b.columns(); ++j) {
    for (std::size_t k = 0; k < b.rows(); ++k) {
      for (std::size_t i = 0; i < rows; ++i) result(i, j) += (transpose_a ? a(k, i) : a(i, k)) * b(k, j);
    }
  }
  return result;
}

}  // namespace tramontana

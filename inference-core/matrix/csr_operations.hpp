// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "matrix/dense.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/** Rows [first, last) of `matrix`, as a matrix of their own. */
[[nodiscard]] CsrMatrix row_range(const CsrMatrix& matrix, std::size_t first, std::size_t last);

/** The rows `order[0], order[1], ...` of `matrix`. */
[[nodiscard]] CsrMatrix permuted_rows(const CsrMatrix& matrix, std::span<const std::int32_t> order);

/** The transposed matrix, sorted. */
[[nodiscard]] CsrMatrix transposed(const CsrMatrix& matrix);

/** A' diag(weights) A, sorted, both triangles. */
[[nodiscard]] CsrMatrix weighted_normal_matrix(const CsrMatrix& a, std::span<const double> weights);

/** a diag(scale) b, sorted. */
[[nodiscard]] CsrMatrix scaled_product(const CsrMatrix& a, std::span<const double> scale, const CsrMatrix& b);

/** sum_i coefficients[i] * terms[i], sorted; all of one size. */
[[nodiscard]] CsrMatrix linear_combination(std::span<const CsrMatrix* const> terms,
                                           std::span<const double> coefficients);

/** A diagonal matrix. */
[[nodiscard]] CsrMatrix diagonal_matrix(std::span<const double> values);

/** result += alpha * matrix * dense. */
void add_product(double alpha, const CsrMatrix& matrix, ConstMatrixView dense, MatrixView result);

/** result += alpha * matrix' * dense. */
void add_transposed_product(double alpha, const CsrMatrix& matrix, ConstMatrixView dense, MatrixView result);

}  // namespace tramontana

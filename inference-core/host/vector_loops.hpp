// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "matrix/dense.hpp"

namespace tramontana::host {

/** out += alpha x. */
void add_column(double alpha, const double* x, double* out, std::size_t count);

/** out += alpha scale m, elementwise. */
void add_scaled_column(double alpha, const double* scale, const double* m, double* out, std::size_t count);

/** out *= alpha scale, elementwise. */
void multiply_columns(double alpha, const double* scale, double* out, std::size_t count);

/** out = alpha x + beta out; with a beta of zero `out` is not read. */
void combine_columns(double alpha, const double* x, double beta, double* out, std::size_t count);

/** out += x y, elementwise. */
void add_column_products(const double* x, const double* y, double* out, std::size_t count);

[[nodiscard]] double dot(const double* x, const double* y, std::size_t count);

/** out_i += sum_j x_ij y_ij w_j for symmetric x and y (lower triangles). */
void add_diagonal_of_product(ConstMatrixView x, std::span<const double> w, ConstMatrixView y, std::span<double> out);

}  // namespace tramontana::host

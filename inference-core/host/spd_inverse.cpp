// SPDX-License-Identifier: Apache-2.0
#include "host/spd_inverse.hpp"

#include <cblas.h>

#include <cmath>

#include "host/blas_threads.hpp"
#include "host/small_inverse.hpp"

namespace tramontana::host {
namespace {

int as_int(std::size_t value) { return static_cast<int>(value); }

/** Of a triangular product, half as many as of a full one. */
double flops_of(std::size_t rows, std::size_t columns, std::size_t inner) {
  return static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(inner);
}

void multiply_triangular(CBLAS_SIDE side, CBLAS_TRANSPOSE transpose, double alpha, ConstMatrixView triangle,
                         MatrixView b) {
  const LibraryCall call(flops_of(b.rows, b.columns, triangle.rows));
  cblas_dtrmm(CblasColMajor, side, CblasLower, transpose, CblasNonUnit, as_int(b.rows), as_int(b.columns), alpha,
              triangle.data, as_int(triangle.leading), b.data, as_int(b.leading));
}

/** b <- b op(triangle), the rows of b in two halves. */
void multiply_from_right(CBLAS_TRANSPOSE transpose, ConstMatrixView triangle, MatrixView b) {
  if (!is_for_pair(flops_of(b.rows, b.columns, b.columns))) {
    multiply_triangular(CblasRight, transpose, 1.0, triangle, b);
    return;
  }
  const std::size_t half = half_of(b.rows);
  const auto upper = b.block(0, 0, half, b.columns);
  const auto lower = b.block(half, 0, b.rows - half, b.columns);
  run_pair([&] { multiply_triangular(CblasRight, transpose, 1.0, triangle, upper); },
           [&] { multiply_triangular(CblasRight, transpose, 1.0, triangle, lower); });
}

/** b <- alpha op(triangle) b, the columns of b in two halves. */
void multiply_from_left(CBLAS_TRANSPOSE transpose, double alpha, ConstMatrixView triangle, MatrixView b) {
  if (!is_for_pair(flops_of(b.rows, b.columns, b.rows))) {
    multiply_triangular(CblasLeft, transpose, alpha, triangle, b);
    return;
  }
  const std::size_t half = half_of(b.columns);
  const auto left = b.block(0, 0, b.rows, half);
  const auto right = b.block(0, half, b.rows, b.columns - half);
  run_pair([&] { multiply_triangular(CblasLeft, transpose, alpha, triangle, left); },
           [&] { multiply_triangular(CblasLeft, transpose, alpha, triangle, right); });
}

void add_whole_square(CBLAS_TRANSPOSE transpose, double alpha, ConstMatrixView a, MatrixView c) {
  const std::size_t inner = transpose == CblasNoTrans ? a.columns : a.rows;
  const LibraryCall call(flops_of(c.rows, c.rows, inner));
  cblas_dsyrk(CblasColMajor, CblasLower, transpose, as_int(c.rows), as_int(inner), alpha, a.data, as_int(a.leading),
              1.0, c.data, as_int(c.leading));
}

/** Lower triangle of c += alpha a a', or a' a: the square below the diagonal has as many flops as both triangles. */
void add_square(CBLAS_TRANSPOSE transpose, double alpha, ConstMatrixView a, MatrixView c) {
  const bool by_rows = transpose == CblasNoTrans;
  const std::size_t inner = by_rows ? a.columns : a.rows;
  if (!is_for_pair(flops_of(c.rows, c.rows, inner))) {
    add_whole_square(transpose, alpha, a, c);
    return;
  }
  const std::size_t half = half_of(c.rows);
  const std::size_t rest = c.rows - half;
  const auto first = by_rows ? a.block(0, 0, half, inner) : a.block(0, 0, inner, half);
  const auto second = by_rows ? a.block(half, 0, rest, inner) : a.block(0, half, inner, rest);
  const auto below = c.block(half, 0, rest, half);
  run_pair(
      [&] {
        const LibraryCall call(flops_of(rest, half, inner));
        cblas_dgemm(CblasColMajor, transpose, by_rows ? CblasTrans : CblasNoTrans, as_int(rest), as_int(half),
                    as_int(inner), alpha, second.data, as_int(second.leading), first.data, as_int(first.leading), 1.0,
                    below.data, as_int(below.leading));
      },
      [&] {
        add_whole_square(transpose, alpha, first, c.block(0, 0, half, half));
        add_whole_square(transpose, alpha, second, c.block(half, half, rest, rest));
      });
}

/** a <- L^-1 where a = L L'. */
std::optional<PivotFailure> inverse_factor(MatrixView a, std::size_t offset) {
  if (a.rows <= small_order) {
    auto failure = invert_small_factor(a);
    if (failure) failure->pivot += offset;
    return failure;
  }
  const std::size_t first = half_of(a.rows);
  const std::size_t second = a.rows - first;
  const auto top = a.block(0, 0, first, first);
  const auto low = a.block(first, 0, second, first);
  const auto tip = a.block(first, first, second, second);
  if (auto failure = inverse_factor(top, offset)) return failure;
  // L21 = A21 X11'; A22 -= L21 L21'.
  multiply_from_right(CblasTrans, top, low);
  add_square(CblasNoTrans, -1.0, low, tip);
  // X21 = -X22 (L21 X11): the product in brackets does not wait for X22.
  std::optional<PivotFailure> failure;
  if (is_for_pair(flops_of(second, first, first))) {
    run_pair([&] { failure = inverse_factor(tip, offset + first); },
             [&] { multiply_triangular(CblasRight, CblasNoTrans, 1.0, top, low); });
  } else {
    failure = inverse_factor(tip, offset + first);
    if (!failure) multiply_from_right(CblasNoTrans, top, low);
  }
  if (failure) return failure;
  multiply_from_left(CblasNoTrans, -1.0, tip, low);
  return std::nullopt;
}

/** Lower triangle of x <- x' x for lower triangular x. */
void self_product(MatrixView x) {
  if (x.rows <= small_order) {
    square_small_factor(x);
    return;
  }
  const std::size_t first = half_of(x.rows);
  const std::size_t second = x.rows - first;
  const auto top = x.block(0, 0, first, first);
  const auto low = x.block(first, 0, second, first);
  const auto tip = x.block(first, first, second, second);
  const double flops = flops_of(second, first, first);
  if (is_for_pair(flops)) {
    // The product of the halves goes into a copy of X21, then both triangles are free for each other's thread.
    DenseMatrix product(second, first);
    for (std::size_t j = 0; j < first; ++j) std::copy_n(low.column(j), second, product.view().column(j));
    multiply_from_left(CblasTrans, 1.0, tip, product.view());
    run_pair([&] { self_product(top); }, [&] { self_product(tip); });
    add_square(CblasTrans, 1.0, low, top);
    for (std::size_t j = 0; j < first; ++j) std::copy_n(product.view().column(j), second, low.column(j));
    return;
  }
  self_product(top);
  add_square(CblasTrans, 1.0, low, top);
  multiply_from_left(CblasTrans, 1.0, tip, low);
  self_product(tip);
}

}  // namespace

InversionOutcome invert_by_halving(MatrixView a) {
  if (auto failure = inverse_factor(a, 0)) return {0.0, failure};
  double log_determinant = 0.0;
  for (std::size_t i = 0; i < a.rows; ++i) log_determinant -= 2.0 * std::log(a(i, i));
  // A NaN in the input passes the comparisons of some factorisations; it cannot pass here.
  if (!std::isfinite(log_determinant)) return {0.0, PivotFailure{0, log_determinant}};
  self_product(a);
  return {log_determinant, std::nullopt};
}

}  // namespace tramontana::host

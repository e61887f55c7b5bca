// SPDX-License-Identifier: Apache-2.0
#include "host/host_algebra.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <string>

#include "host/blas_threads.hpp"
#include "host/spd_inverse.hpp"
#include "host/symmetric_product.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

int as_int(std::size_t value) { return static_cast<int>(value); }

/** BLAS wants a distance of one at least, also between columns without rows. */
int leading(ConstMatrixView m) { return as_int(std::max<std::size_t>(m.leading, 1)); }

double product_flops(std::size_t rows, std::size_t columns, std::size_t inner) {
  return 2.0 * static_cast<double>(rows) * static_cast<double>(columns) * static_cast<double>(inner);
}

CBLAS_TRANSPOSE cblas(Transpose transpose) { return transpose == Transpose::no ? CblasNoTrans : CblasTrans; }

void gemm(Transpose transpose_a, Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b, double beta,
          MatrixView c) {
  const std::size_t inner = transpose_a == Transpose::no ? a.columns : a.rows;
  const host::LibraryCall call(product_flops(c.rows, c.columns, inner));
  cblas_dgemm(CblasColMajor, cblas(transpose_a), cblas(transpose_b), as_int(c.rows), as_int(c.columns), as_int(inner),
              alpha, a.data, leading(a), b.data, leading(b), beta, c.data, leading(c));
}

void symm(double alpha, ConstMatrixView a, ConstMatrixView b, double beta, MatrixView c) {
  const host::LibraryCall call(product_flops(c.rows, c.columns, a.rows));
  cblas_dsymm(CblasColMajor, CblasLeft, CblasLower, as_int(c.rows), as_int(c.columns), alpha, a.data, leading(a),
              b.data, leading(b), beta, c.data, leading(c));
}

}  // namespace

InversionOutcome HostAlgebra::invert_positive_definite(MatrixView a) const { return host::invert_by_halving(a); }

void HostAlgebra::symmetric_multiply(double alpha, ConstMatrixView a, ConstMatrixView b, double beta,
                                     MatrixView c) const {
  if (c.rows == 0 || c.columns == 0) return;
  const double flops = product_flops(c.rows, c.columns, a.rows);
  if (c.columns <= (host::library_threads(flops) == 1 ? host::narrow_columns : host::narrowest_columns)) {
    host::symmetric_multiply_narrow(alpha, a, b, beta, c);
    return;
  }
  if (!host::is_for_pair(flops)) {
    symm(alpha, a, b, beta, c);
    return;
  }
  const std::size_t half = host::half_of(c.columns);
  const std::size_t rest = c.columns - half;
  host::run_pair([&] { symm(alpha, a, b.block(0, 0, b.rows, half), beta, c.block(0, 0, c.rows, half)); },
                 [&] { symm(alpha, a, b.block(0, half, b.rows, rest), beta, c.block(0, half, c.rows, rest)); });
}

void HostAlgebra::multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstMatrixView a,
                           ConstMatrixView b, double beta, MatrixView c) const {
  if (c.rows == 0 || c.columns == 0) return;
  const bool is_plain_a = transpose_a == Transpose::no;
  const bool is_plain_b = transpose_b == Transpose::no;
  const std::size_t inner = is_plain_a ? a.columns : a.rows;
  if (!host::is_for_pair(product_flops(c.rows, c.columns, inner))) {
    gemm(transpose_a, transpose_b, alpha, a, b, beta, c);
    return;
  }
  if (c.columns >= c.rows) {
    const auto part = [&](std::size_t first, std::size_t count) {
      const auto own_b = is_plain_b ? b.block(0, first, inner, count) : b.block(first, 0, count, inner);
      gemm(transpose_a, transpose_b, alpha, a, own_b, beta, c.block(0, first, c.rows, count));
    };
    const std::size_t half = host::half_of(c.columns);
    host::run_pair([&] { part(0, half); }, [&] { part(half, c.columns - half); });
    return;
  }
  const auto part = [&](std::size_t first, std::size_t count) {
    const auto own_a = is_plain_a ? a.block(first, 0, count, inner) : a.block(0, first, inner, count);
    gemm(transpose_a, transpose_b, alpha, own_a, b, beta, c.block(first, 0, count, c.columns));
  };
  const std::size_t half = host::half_of(c.rows);
  host::run_pair([&] { part(0, half); }, [&] { part(half, c.rows - half); });
}

void HostAlgebra::symmetric_result_multiply(Transpose transpose_b, double alpha, ConstMatrixView a, ConstMatrixView b,
                                            double beta, MatrixView c) const {
  // Column panels from the diagonal down: little more than half of the flops of a full product.
  constexpr std::size_t panel = 192;
  for (std::size_t first = 0; first < c.columns; first += panel) {
    const std::size_t width = std::min(panel, c.columns - first);
    const std::size_t height = c.rows - first;
    const auto right =
        transpose_b == Transpose::no ? b.block(0, first, b.rows, width) : b.block(first, 0, width, b.columns);
    multiply(Transpose::no, transpose_b, alpha, a.block(first, 0, height, a.columns), right, beta,
             c.block(first, first, height, width));
  }
}

std::vector<double> HostAlgebra::symmetric_eigen(MatrixView a) const {
  std::vector<double> eigenvalues(a.rows);
  const auto call = host::LibraryCall::with_all_threads();
  const auto status =
      LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', as_int(a.rows), a.data, as_int(a.leading), eigenvalues.data());
  if (status != 0) {
    throw InvalidModel("The eigen-decomposition of C0^-1/2 G1 C0^-1/2 did not converge (dsyevd status " +
                           std::to_string(status) + "); check c0 and g1 for non-finite values.",
                       {{"status", static_cast<std::int64_t>(status)}});
  }
  return eigenvalues;
}

}  // namespace tramontana

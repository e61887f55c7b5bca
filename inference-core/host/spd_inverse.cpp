// SPDX-License-Identifier: Apache-2.0
#include "host/spd_inverse.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <cmath>

#include "host/blas_threads.hpp"

namespace tramontana::host {
namespace {

/** Below this order the libraries' own unblocked code is as fast; measured flat between 64 and 160. */
constexpr std::size_t base_order = 96;

int as_int(std::size_t value) { return static_cast<int>(value); }

/** Splits at a multiple of 8 so that halves stay aligned. */
std::size_t half_of(std::size_t order) { return (order / 2 + 7) / 8 * 8; }

/** Of one trmm or syrk between the two halves. */
double flops_of_halves(std::size_t first, std::size_t second) {
  return static_cast<double>(first) * static_cast<double>(first) * static_cast<double>(second);
}

/** a <- L^-1 where a = L L'. */
std::optional<PivotFailure> inverse_factor(MatrixView a, std::size_t offset) {
  const int n = as_int(a.rows);
  const int leading = as_int(a.leading);
  if (a.rows <= base_order) {
    use_threads_for(0.0);
    const auto status = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', n, a.data, leading);
    if (status != 0) {
      const auto pivot = static_cast<std::size_t>(status > 0 ? status - 1 : 0);
      return PivotFailure{offset + pivot, a(pivot, pivot)};
    }
    LAPACKE_dtrtri_work(LAPACK_COL_MAJOR, 'L', 'N', n, a.data, leading);
    return std::nullopt;
  }
  const std::size_t first = half_of(a.rows);
  const std::size_t second = a.rows - first;
  const double share = flops_of_halves(first, second);
  const auto top = a.block(0, 0, first, first);
  const auto low = a.block(first, 0, second, first);
  const auto tip = a.block(first, first, second, second);
  if (auto failure = inverse_factor(top, offset)) return failure;
  // L21 = A21 X11'; A22 -= L21 L21'.
  use_threads_for(share);
  cblas_dtrmm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, as_int(second), as_int(first), 1.0,
              top.data, leading, low.data, leading);
  cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, as_int(second), as_int(first), -1.0, low.data, leading, 1.0,
              tip.data, leading);
  if (auto failure = inverse_factor(tip, offset + first)) return failure;
  // X21 = -X22 L21 X11.
  use_threads_for(share);
  cblas_dtrmm(CblasColMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, as_int(second), as_int(first), 1.0,
              top.data, leading, low.data, leading);
  cblas_dtrmm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, as_int(second), as_int(first), -1.0,
              tip.data, leading, low.data, leading);
  return std::nullopt;
}

/** Lower triangle of x <- x' x for lower triangular x. */
void self_product(MatrixView x) {
  const int leading = as_int(x.leading);
  if (x.rows <= base_order) {
    use_threads_for(0.0);
    LAPACKE_dlauum_work(LAPACK_COL_MAJOR, 'L', as_int(x.rows), x.data, leading);
    return;
  }
  const std::size_t first = half_of(x.rows);
  const std::size_t second = x.rows - first;
  const double share = flops_of_halves(first, second);
  const auto top = x.block(0, 0, first, first);
  const auto low = x.block(first, 0, second, first);
  const auto tip = x.block(first, first, second, second);
  self_product(top);
  use_threads_for(share);
  cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, as_int(first), as_int(second), 1.0, low.data, leading, 1.0,
              top.data, leading);
  cblas_dtrmm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, as_int(second), as_int(first), 1.0,
              tip.data, leading, low.data, leading);
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

// SPDX-License-Identifier: Apache-2.0
#include "block_cholesky.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <cmath>
#include <string>

#include "tramontana/errors.hpp"

namespace tramontana::bench {
namespace {

int as_int(std::size_t value) { return static_cast<int>(value); }

void cholesky(MatrixView a, std::size_t step) {
  if (a.rows == 0) return;
  const auto status = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', as_int(a.rows), a.data, as_int(a.leading));
  if (status != 0) {
    throw NotPositiveDefinite(
        "The block " + std::to_string(step) + " has no Cholesky factor (dpotrf status " + std::to_string(status) + ").",
        {{"block", static_cast<std::int64_t>(step)}});
  }
}

double log_determinant_of_factor(ConstMatrixView factor) {
  double sum = 0.0;
  for (std::size_t i = 0; i < factor.rows; ++i) sum += 2.0 * std::log(factor(i, i));
  return sum;
}

/** b <- b L^-T, or b L^-1. */
void right_solve(ConstMatrixView factor, CBLAS_TRANSPOSE transpose, MatrixView b) {
  if (b.rows == 0) return;
  cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, transpose, CblasNonUnit, as_int(b.rows), as_int(b.columns), 1.0,
              factor.data, as_int(factor.leading), b.data, as_int(b.leading));
}

/** b <- b X for lower triangular X. */
void right_multiply(ConstMatrixView triangle, MatrixView b) {
  if (b.rows == 0) return;
  cblas_dtrmm(CblasColMajor, CblasRight, CblasLower, CblasNoTrans, CblasNonUnit, as_int(b.rows), as_int(b.columns), 1.0,
              triangle.data, as_int(triangle.leading), b.data, as_int(b.leading));
}

/** c += alpha op(a) b. */
void add_product(CBLAS_TRANSPOSE transpose, double alpha, ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  if (c.rows == 0 || b.rows == 0) return;
  cblas_dgemm(CblasColMajor, transpose, CblasNoTrans, as_int(c.rows), as_int(c.columns), as_int(b.rows), alpha, a.data,
              as_int(a.leading), b.data, as_int(b.leading), 1.0, c.data, as_int(c.leading));
}

/** Lower triangle of c -= a a'. */
void subtract_square(ConstMatrixView a, MatrixView c) {
  if (c.rows == 0) return;
  cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, as_int(c.rows), as_int(a.columns), -1.0, a.data,
              as_int(a.leading), 1.0, c.data, as_int(c.leading));
}

void solve_vector(ConstMatrixView factor, CBLAS_TRANSPOSE transpose, double* x) {
  if (factor.rows == 0) return;
  cblas_dtrsv(CblasColMajor, CblasLower, transpose, CblasNonUnit, as_int(factor.rows), factor.data,
              as_int(factor.leading), x, 1);
}

/** y -= op(a) x. */
void subtract_product(ConstMatrixView a, CBLAS_TRANSPOSE transpose, const double* x, double* y) {
  if (a.rows == 0) return;
  cblas_dgemv(CblasColMajor, transpose, as_int(a.rows), as_int(a.columns), -1.0, a.data, as_int(a.leading), x, 1, 1.0,
              y, 1);
}

/** L -> L^-1 in place, zeros above the diagonal. */
void invert_triangle(MatrixView factor) {
  LAPACKE_dtrtri_work(LAPACK_COL_MAJOR, 'L', 'N', as_int(factor.rows), factor.data, as_int(factor.leading));
  for (std::size_t j = 1; j < factor.columns; ++j) std::fill_n(factor.column(j), j, 0.0);
}

DenseMatrix transposed(ConstMatrixView a) {
  DenseMatrix result(a.columns, a.rows);
  constexpr std::size_t tile = 32;
  for (std::size_t first = 0; first < a.columns; first += tile) {
    for (std::size_t i = 0; i < a.rows; ++i) {
      for (std::size_t j = first; j < std::min(first + tile, a.columns); ++j) result(j, i) = a(i, j);
    }
  }
  return result;
}

}  // namespace

BlockArrowMatrix::BlockArrowMatrix(std::size_t num_blocks, std::size_t block_size, std::size_t arrow_size)
    : tip(arrow_size, arrow_size) {
  for (std::size_t step = 0; step < num_blocks; ++step) {
    diagonal.emplace_back(block_size, block_size);
    arrow.emplace_back(arrow_size, block_size);
    if (step + 1 < num_blocks) lower.emplace_back(block_size, block_size);
  }
}

double BlockCholesky::factorise() {
  double log_determinant = 0.0;
  const std::size_t num_blocks = matrix_.diagonal.size();
  for (std::size_t step = 0; step < num_blocks; ++step) {
    const auto factor = matrix_.diagonal[step].view();
    const auto arrow = matrix_.arrow[step].view();
    cholesky(factor, step);
    log_determinant += log_determinant_of_factor(factor);
    right_solve(factor, CblasTrans, arrow);
    subtract_square(arrow, matrix_.tip.view());
    if (step + 1 == num_blocks) break;
    const auto lower = matrix_.lower[step].view();
    right_solve(factor, CblasTrans, lower);
    subtract_square(lower, matrix_.diagonal[step + 1].view());
    if (arrow.rows > 0) {
      const auto next = matrix_.arrow[step + 1].view();
      cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, as_int(next.rows), as_int(next.columns),
                  as_int(arrow.columns), -1.0, arrow.data, as_int(arrow.leading), lower.data, as_int(lower.leading),
                  1.0, next.data, as_int(next.leading));
    }
  }
  cholesky(matrix_.tip.view(), num_blocks);
  return log_determinant + log_determinant_of_factor(matrix_.tip.view());
}

void BlockCholesky::solve(std::vector<double>& steps, std::vector<double>& tip) const {
  const std::size_t num_blocks = matrix_.diagonal.size();
  const std::size_t size = matrix_.diagonal.front().rows();
  for (std::size_t step = 0; step < num_blocks; ++step) {
    double* x = steps.data() + step * size;
    solve_vector(matrix_.diagonal[step].view(), CblasNoTrans, x);
    if (step + 1 < num_blocks) subtract_product(matrix_.lower[step].view(), CblasNoTrans, x, x + size);
    subtract_product(matrix_.arrow[step].view(), CblasNoTrans, x, tip.data());
  }
  solve_vector(matrix_.tip.view(), CblasNoTrans, tip.data());
  solve_vector(matrix_.tip.view(), CblasTrans, tip.data());
  for (std::size_t step = num_blocks; step-- > 0;) {
    double* x = steps.data() + step * size;
    subtract_product(matrix_.arrow[step].view(), CblasTrans, tip.data(), x);
    if (step + 1 < num_blocks) subtract_product(matrix_.lower[step].view(), CblasTrans, x + size, x);
    solve_vector(matrix_.diagonal[step].view(), CblasTrans, x);
  }
}

void BlockCholesky::for_each_selected(const std::function<void(const SelectedBlocks&)>& visit) {
  const std::size_t num_blocks = matrix_.diagonal.size();
  const std::size_t size = matrix_.diagonal.front().rows();
  const std::size_t arrow_size = matrix_.tip.rows();
  // Sigma_aa = L_a^-T L_a^-1.
  tip_inverse_ = DenseMatrix::zero(arrow_size, arrow_size);
  if (arrow_size > 0) {
    const auto tip = matrix_.tip.view();
    invert_triangle(tip);
    add_product(CblasTrans, 1.0, tip, tip, tip_inverse_.view());
  }
  DenseMatrix next_diagonal;
  DenseMatrix next_arrow;
  DenseMatrix across(size, size);
  for (std::size_t step = num_blocks; step-- > 0;) {
    const bool is_last = step + 1 == num_blocks;
    const auto inverse_factor = matrix_.diagonal[step].view();
    const auto border = std::as_const(matrix_.arrow[step]).view();
    const auto coupling = is_last ? ConstMatrixView{} : std::as_const(matrix_.lower[step]).view();
    invert_triangle(inverse_factor);
    auto arrow = DenseMatrix::zero(arrow_size, size);
    add_product(CblasNoTrans, -1.0, tip_inverse_.view(), border, arrow.view());
    if (!is_last) {
      add_product(CblasNoTrans, -1.0, next_arrow.view(), coupling, arrow.view());
      cblas_dsymm(CblasColMajor, CblasLeft, CblasLower, as_int(size), as_int(size), -1.0, next_diagonal.data(),
                  as_int(size), coupling.data, as_int(size), 0.0, across.data(), as_int(size));
      add_product(CblasTrans, -1.0, next_arrow.view(), border, across.view());
      right_multiply(inverse_factor, across.view());
    }
    right_multiply(inverse_factor, arrow.view());
    auto diagonal = transposed(inverse_factor);
    if (!is_last) add_product(CblasTrans, -1.0, across.view(), coupling, diagonal.view());
    add_product(CblasTrans, -1.0, arrow.view(), border, diagonal.view());
    right_multiply(inverse_factor, diagonal.view());
    visit({step, std::as_const(diagonal).view(), is_last ? ConstMatrixView{} : std::as_const(across).view(),
           std::as_const(arrow).view()});
    next_diagonal = std::move(diagonal);
    next_arrow = std::move(arrow);
  }
}

}  // namespace tramontana::bench

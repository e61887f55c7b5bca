// SPDX-License-Identifier: Apache-2.0
#include "reference/reference_algebra.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tramontana {
namespace {

double symmetric_entry(ConstMatrixView a, std::size_t i, std::size_t j) { return i >= j ? a(i, j) : a(j, i); }

double entry(ConstMatrixView a, Transpose transpose, std::size_t i, std::size_t j) {
  return transpose == Transpose::no ? a(i, j) : a(j, i);
}

}  // namespace

InversionOutcome ReferenceAlgebra::invert_positive_definite(MatrixView a) const {
  const std::size_t n = a.rows;
  double log_determinant = 0.0;
  for (std::size_t j = 0; j < n; ++j) {
    double pivot = a(j, j);
    for (std::size_t k = 0; k < j; ++k) pivot -= a(j, k) * a(j, k);
    if (!(pivot > 0.0) || !std::isfinite(pivot)) return {0.0, PivotFailure{j, pivot}};
    log_determinant += std::log(pivot);
    a(j, j) = std::sqrt(pivot);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = a(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= a(i, k) * a(j, k);
      a(i, j) = sum / a(j, j);
    }
  }
  // Column by column X = L^-1, then A^-1 = X' X.
  DenseMatrix x = DenseMatrix::zero(n, n);
  for (std::size_t j = 0; j < n; ++j) {
    x(j, j) = 1.0 / a(j, j);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = 0.0;
      for (std::size_t k = j; k < i; ++k) sum -= a(i, k) * x(k, j);
      x(i, j) = sum / a(i, i);
    }
  }
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) {
      double sum = 0.0;
      for (std::size_t k = i; k < n; ++k) sum += x(k, i) * x(k, j);
      a(i, j) = sum;
    }
  }
  return {log_determinant, std::nullopt};
}

void ReferenceAlgebra::symmetric_multiply(double alpha, ConstMatrixView a, ConstMatrixView b, double beta,
                                          MatrixView c) const {
  for (std::size_t j = 0; j < c.columns; ++j) {
    for (std::size_t i = 0; i < c.rows; ++i) {
      double sum = 0.0;
      for (std::size_t k = 0; k < a.rows; ++k) sum += symmetric_entry(a, i, k) * b(k, j);
      c(i, j) = alpha * sum + (beta == 0.0 ? 0.0 : beta * c(i, j));
    }
  }
}

void ReferenceAlgebra::multiply(Transpose transpose_a, Transpose transpose_b, double alpha, ConstMatrixView a,
                                ConstMatrixView b, double beta, MatrixView c) const {
  const std::size_t inner = transpose_a == Transpose::no ? a.columns : a.rows;
  for (std::size_t j = 0; j < c.columns; ++j) {
    for (std::size_t i = 0; i < c.rows; ++i) {
      double sum = 0.0;
      for (std::size_t k = 0; k < inner; ++k) sum += entry(a, transpose_a, i, k) * entry(b, transpose_b, k, j);
      c(i, j) = alpha * sum + (beta == 0.0 ? 0.0 : beta * c(i, j));
    }
  }
}

void ReferenceAlgebra::symmetric_result_multiply(Transpose transpose_b, double alpha, ConstMatrixView a,
                                                 ConstMatrixView b, double beta, MatrixView c) const {
  for (std::size_t j = 0; j < c.columns; ++j) {
    for (std::size_t i = j; i < c.rows; ++i) {
      double sum = 0.0;
      for (std::size_t k = 0; k < a.columns; ++k) sum += a(i, k) * entry(b, transpose_b, k, j);
      c(i, j) = alpha * sum + (beta == 0.0 ? 0.0 : beta * c(i, j));
    }
  }
}

std::vector<double> ReferenceAlgebra::symmetric_eigen(MatrixView a) const {
  const std::size_t n = a.rows;
  mirror_lower(a);
  DenseMatrix vectors = DenseMatrix::zero(n, n);
  for (std::size_t i = 0; i < n; ++i) vectors(i, i) = 1.0;
  // Quadratic convergence: a dozen sweeps reach machine precision at any size that plain loops can bear.
  for (int sweep = 0; sweep < 60; ++sweep) {
    double off = 0.0;
    double diagonal = 0.0;
    for (std::size_t j = 0; j < n; ++j) {
      diagonal += a(j, j) * a(j, j);
      for (std::size_t i = j + 1; i < n; ++i) off += a(i, j) * a(i, j);
    }
    if (off <= 1e-34 * diagonal) break;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a(p, q) == 0.0) continue;
        const double ratio = (a(q, q) - a(p, p)) / (2.0 * a(p, q));
        const double t = std::copysign(1.0, ratio) / (std::abs(ratio) + std::hypot(1.0, ratio));
        const double cosine = 1.0 / std::hypot(1.0, t);
        const double sine = t * cosine;
        for (std::size_t k = 0; k < n; ++k) {
          const double kp = a(k, p);
          const double kq = a(k, q);
          a(k, p) = cosine * kp - sine * kq;
          a(k, q) = sine * kp + cosine * kq;
          const double vp = vectors(k, p);
          const double vq = vectors(k, q);
          vectors(k, p) = cosine * vp - sine * vq;
          vectors(k, q) = sine * vp + cosine * vq;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double pk = a(p, k);
          const double qk = a(q, k);
          a(p, k) = cosine * pk - sine * qk;
          a(q, k) = sine * pk + cosine * qk;
        }
      }
    }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> diagonal(n);
  for (std::size_t i = 0; i < n; ++i) diagonal[i] = a(i, i);
  std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return diagonal[i] < diagonal[j]; });
  std::vector<double> eigenvalues(n);
  for (std::size_t j = 0; j < n; ++j) {
    eigenvalues[j] = diagonal[order[j]];
    for (std::size_t i = 0; i < n; ++i) a(i, j) = vectors(i, order[j]);
  }
  return eigenvalues;
}

}  // namespace tramontana

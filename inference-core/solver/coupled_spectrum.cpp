// SPDX-License-Identifier: Apache-2.0
#include "solver/coupled_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace tramontana {
namespace {

/** Dimensions of the Krylov space; the prediction needs one digit. */
constexpr std::size_t max_dimension = 32;

double dot(const double* a, const double* b, std::size_t count) {
  double sum = 0.0;
  for (std::size_t i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

/** Removes the parts along the first `count` columns, twice, and normalises. False when nothing is left. */
bool orthonormalise(DenseMatrix& basis, std::size_t count) {
  const std::size_t n = basis.rows();
  double* target = basis.view().column(count);
  const double before = std::sqrt(dot(target, target, n));
  for (int pass = 0; pass < 2; ++pass) {
    for (std::size_t k = 0; k < count; ++k) {
      const double* column = basis.view().column(k);
      const double part = dot(column, target, n);
      for (std::size_t i = 0; i < n; ++i) target[i] -= part * column[i];
    }
  }
  const double norm = std::sqrt(dot(target, target, n));
  if (!(norm > 1e-10 * before)) return false;
  for (std::size_t i = 0; i < n; ++i) target[i] /= norm;
  return true;
}

}  // namespace

std::vector<double> coupling_scale(const Coupling& coupling) {
  const auto* diagonal = std::get_if<DiagonalCoupling>(&coupling);
  if (diagonal == nullptr) return {};
  std::vector<double> scale;
  for (const double value : diagonal->values) {
    if (!(value * diagonal->values.front() > 0.0)) return {};
    scale.push_back(std::sqrt(std::abs(value)));
  }
  return scale;
}

KrylovSpace::KrylovSpace(const Backend& backend, ConstBlockView m, std::vector<double> scale)
    : backend_(backend), m_(m), scale_(std::move(scale)) {
  const std::size_t n = m.rows();
  const std::size_t wanted = std::min(max_dimension, n);
  DenseMatrix space(n, wanted);
  // A start with a part along every direction, the same each time.
  for (std::size_t i = 0; i < n; ++i) space(i, 0) = 1.0 + 0.5 * std::sin(1.0 + 7.3 * static_cast<double>(i));
  std::size_t count = 0;
  DenseMatrix scaled(n, 1);
  DenseMatrix product(n, 1);
  while (count < wanted && orthonormalise(space, count)) {
    ++count;
    if (count == wanted) break;
    for (std::size_t i = 0; i < n; ++i) scaled(i, 0) = scale_[i] * space(i, count - 1);
    backend.blocks().symmetric_multiply(1.0, m, std::as_const(scaled).view(), 0.0, product.view());
    for (std::size_t i = 0; i < n; ++i) space(i, count) = scale_[i] * product(i, 0);
  }
  basis_ = DenseMatrix(n, count);
  std::copy_n(space.data(), n * count, basis_.data());
}

std::vector<double> KrylovSpace::ritz_values(ConstBlockView m, bool divide) const {
  const std::size_t n = basis_.rows();
  const std::size_t count = basis_.columns();
  DenseMatrix scaled = basis_;
  for (std::size_t j = 0; j < count; ++j) {
    for (std::size_t i = 0; i < n; ++i) scaled(i, j) *= divide ? 1.0 / scale_[i] : scale_[i];
  }
  DenseMatrix product(n, count);
  DenseMatrix projected(count, count);
  backend_.blocks().symmetric_multiply(1.0, m, std::as_const(scaled).view(), 0.0, product.view());
  backend_.dense().multiply(Transpose::yes, Transpose::no, 1.0, std::as_const(scaled).view(),
                            std::as_const(product).view(), 0.0, projected.view());
  return backend_.dense().symmetric_eigen(projected.view());
}

double KrylovSpace::largest() const { return ritz_values(m_, false).back(); }

double KrylovSpace::smallest_of(ConstBlockView d) const { return ritz_values(d, true).front(); }

double steps_to_converge(double kappa, double tolerance) {
  if (!(kappa > 2.0)) return std::numeric_limits<double>::infinity();
  return -std::log(tolerance) / (2.0 * std::acosh(0.5 * kappa));
}

}  // namespace tramontana

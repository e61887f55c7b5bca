// SPDX-License-Identifier: Apache-2.0
#include "model/mesh_basis.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

void scale_rows(MatrixView m, std::span<const double> scale) {
  for (std::size_t j = 0; j < m.columns; ++j) {
    for (std::size_t i = 0; i < m.rows; ++i) m(i, j) *= scale[i];
  }
}

/** V diag(scale) V' x, without the scale where it is empty. */
std::vector<double> apply_basis(const SpectralBasis& basis, std::span<const double> scale, std::span<const double> x) {
  const std::size_t n = x.size();
  std::vector<double> result(n, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    const double* vector = basis.eigenvectors.data() + j * n;
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) sum += vector[i] * x[i];
    if (!scale.empty()) sum *= scale[j];
    for (std::size_t i = 0; i < n; ++i) result[i] += vector[i] * sum;
  }
  return result;
}

double largest_difference(std::span<const double> a, std::span<const double> b) {
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace

void validate_spectral_basis(std::span<const double> c0, const CsrMatrix& g1, const SpectralBasis& basis) {
  const std::size_t n = c0.size();
  const auto [least, most] = std::ranges::minmax(basis.eigenvalues);
  // The constant has eigenvalue zero, which rounding moves by about n eps of the largest.
  if (least < -1e-10 * std::max(most, 0.0) || most < 0.0) {
    throw InvalidModel("g1 must be positive semi-definite, found the eigenvalue " + std::to_string(least) +
                           " of C0^-1/2 G1 C0^-1/2: a triangle is degenerate or turns the wrong way round.",
                       {{"field", std::string("g1")}, {"eigenvalue", least}});
  }
  // One vector without symmetry stands for all: V'V = I and V diag V' = K hold on it for no other matrix but by
  // accident.
  std::vector<double> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = std::cos(static_cast<double>(i * i) + 0.5);
  std::vector<double> product(n, 0.0);
  for (std::size_t row = 0; row < n; ++row) {
    for (auto p = g1.row_pointers[row]; p < g1.row_pointers[row + 1]; ++p) {
      const auto column = static_cast<std::size_t>(g1.column_indices[p]);
      product[row] += g1.values[p] / std::sqrt(c0[row] * c0[column]) * x[column];
    }
  }
  const double error =
      std::max(largest_difference(apply_basis(basis, {}, x), x),
               largest_difference(apply_basis(basis, basis.eigenvalues, x), product) / (most + 1e-300));
  // Decompositions are good to n eps; a basis that was stored in single precision is not.
  if (!(error < 1e-8)) {
    throw InvalidModel("spectralBasis must be the decomposition of this mesh's matrix, found a relative error of " +
                           std::to_string(error) + ".",
                       {{"field", std::string("spectralBasis")}, {"relativeError", error}});
  }
}

SpectralBasis compute_spectral_basis(std::span<const double> c0, const CsrMatrix& g1, const Backend& backend) {
  const std::size_t n = c0.size();
  auto k = DenseMatrix::zero(n, n);
  for (std::size_t row = 0; row < n; ++row) {
    for (auto p = g1.row_pointers[row]; p < g1.row_pointers[row + 1]; ++p) {
      const auto column = static_cast<std::size_t>(g1.column_indices[p]);
      // Both triangles are averaged, so that rounding in the assembly of G1 cannot make K unsymmetric.
      const double half = 0.5 * g1.values[p] / std::sqrt(c0[row] * c0[column]);
      k(row, column) += half;
      k(column, row) += half;
    }
  }
  SpectralBasis basis;
  basis.eigenvalues = backend.dense().symmetric_eigen(k.view());
  basis.eigenvectors.assign(k.data(), k.data() + n * n);
  return basis;
}

MeshBasis::MeshBasis(std::span<const double> c0, const SpectralBasis& basis, const Backend& backend)
    : eigenvalues_(basis.eigenvalues), root_mass_(c0.size()) {
  const std::size_t n = c0.size();
  // G1 is positive semi-definite: eigenvalues below zero are rounding of its zero eigenvalue (the constant).
  for (auto& eigenvalue : eigenvalues_) eigenvalue = std::max(eigenvalue, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    root_mass_[i] = std::sqrt(c0[i]);
    log_mass_ += std::log(c0[i]);
  }
  DenseMatrix synthesis(n, n);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) synthesis(i, j) = basis.eigenvectors[j * n + i] / root_mass_[i];
  }
  synthesis_ = backend.blocks().allocate(n, n);
  backend.blocks().upload(synthesis.view(), synthesis_.view());
}

BlockVector MeshBasis::to_nodal(const Backend& backend, const BlockVector& z) const {
  BlockVector x(z.num_blocks(), z.block_size(), z.num_columns());
  backend.blocks().multiply(Transpose::no, 1.0, synthesis(), z.folded(num_nodes()), 0.0, x.folded(num_nodes()));
  return x;
}

BlockVector MeshBasis::dual_to_spectral(const Backend& backend, const BlockVector& r) const {
  BlockVector z(r.num_blocks(), r.block_size(), r.num_columns());
  backend.blocks().multiply(Transpose::yes, 1.0, synthesis(), r.folded(num_nodes()), 0.0, z.folded(num_nodes()));
  return z;
}

BlockVector MeshBasis::to_spectral(const Backend& backend, const BlockVector& x) const {
  // V' C0^1/2 = (C0^-1/2 V)' C0.
  BlockVector scaled = x;
  auto all = scaled.folded(num_nodes());
  scale_rows(all, root_mass_);
  scale_rows(all, root_mass_);
  return dual_to_spectral(backend, scaled);
}

BlockVector MeshBasis::dual_to_nodal(const Backend& backend, const BlockVector& r) const {
  auto x = to_nodal(backend, r);
  auto all = x.folded(num_nodes());
  scale_rows(all, root_mass_);
  scale_rows(all, root_mass_);
  return x;
}

}  // namespace tramontana

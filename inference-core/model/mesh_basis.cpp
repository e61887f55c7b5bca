// SPDX-License-Identifier: Apache-2.0
#include "model/mesh_basis.hpp"

#include <cmath>

namespace tramontana {
namespace {

void scale_rows(MatrixView m, std::span<const double> scale) {
  for (std::size_t j = 0; j < m.columns; ++j) {
    for (std::size_t i = 0; i < m.rows; ++i) m(i, j) *= scale[i];
  }
}

}  // namespace

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
  basis.eigenvalues = backend.symmetric_eigen(k.view());
  basis.eigenvectors.assign(k.data(), k.data() + n * n);
  return basis;
}

MeshBasis::MeshBasis(std::span<const double> c0, const SpectralBasis& basis)
    : eigenvalues_(basis.eigenvalues), root_mass_(c0.size()), synthesis_(c0.size(), c0.size()) {
  const std::size_t n = c0.size();
  // G1 is positive semi-definite: eigenvalues below zero are rounding of its zero eigenvalue (the constant).
  for (auto& eigenvalue : eigenvalues_) eigenvalue = std::max(eigenvalue, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    root_mass_[i] = std::sqrt(c0[i]);
    log_mass_ += std::log(c0[i]);
  }
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) synthesis_(i, j) = basis.eigenvectors[j * n + i] / root_mass_[i];
  }
}

BlockVector MeshBasis::to_nodal(const Backend& backend, const BlockVector& z) const {
  BlockVector x(z.num_blocks(), z.block_size(), z.num_columns());
  backend.multiply(Transpose::no, Transpose::no, 1.0, synthesis(), z.folded(num_nodes()), 0.0, x.folded(num_nodes()));
  return x;
}

BlockVector MeshBasis::dual_to_spectral(const Backend& backend, const BlockVector& r) const {
  BlockVector z(r.num_blocks(), r.block_size(), r.num_columns());
  backend.multiply(Transpose::yes, Transpose::no, 1.0, synthesis(), r.folded(num_nodes()), 0.0, z.folded(num_nodes()));
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

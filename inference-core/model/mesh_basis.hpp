// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "kernels/backend.hpp"
#include "matrix/dense.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/** K = C0^-1/2 G1 C0^-1/2 = V diag(lam) V', n^3 flops of a symmetric eigenproblem. @throws InvalidModel */
[[nodiscard]] SpectralBasis compute_spectral_basis(std::span<const double> c0, const CsrMatrix& g1,
                                                   const Backend& backend);

/**
 * Refuses a basis that is not the decomposition of this mesh's K, up to 1e-8 of its largest eigenvalue on one vector,
 * and a stiffness that is not positive semi-definite. Cost n^2.
 *
 * @throws InvalidModel
 */
void validate_spectral_basis(std::span<const double> c0, const CsrMatrix& g1, const SpectralBasis& basis);

/** The change of variables x = C0^-1/2 V z between nodal values and spectral coordinates. */
class MeshBasis {
 public:
  /** @param backend  where C0^-1/2 V lives from then on */
  MeshBasis(std::span<const double> c0, const SpectralBasis& basis, const Backend& backend);

  [[nodiscard]] std::size_t num_nodes() const { return root_mass_.size(); }
  [[nodiscard]] std::span<const double> eigenvalues() const { return eigenvalues_; }
  /** sum log C0. */
  [[nodiscard]] double log_mass() const { return log_mass_; }
  /** C0^-1/2 V, n_s x n_s. */
  [[nodiscard]] ConstBlockView synthesis() const { return synthesis_.view(); }

  /** x = C0^-1/2 V z. */
  [[nodiscard]] BlockVector to_nodal(const Backend& backend, const BlockVector& z) const;
  /** z = V' C0^1/2 x. */
  [[nodiscard]] BlockVector to_spectral(const Backend& backend, const BlockVector& x) const;
  /** r_z = V' C0^-1/2 r_x, for right-hand sides. */
  [[nodiscard]] BlockVector dual_to_spectral(const Backend& backend, const BlockVector& r) const;
  /** r_x = C0^1/2 V r_z, for right-hand sides. */
  [[nodiscard]] BlockVector dual_to_nodal(const Backend& backend, const BlockVector& r) const;

 private:
  std::vector<double> eigenvalues_;
  std::vector<double> root_mass_;  ///< C0^1/2
  double log_mass_ = 0.0;
  Block synthesis_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "kernels/backend.hpp"
#include "matrix/block_sequence.hpp"

namespace tramontana {

/** sqrt|c| when the coupling is diag(c) with entries of one sign and none zero; empty otherwise. */
[[nodiscard]] std::vector<double> coupling_scale(const Coupling& coupling);

/**
 * Orthonormal Krylov space of the scaled matrix s M s, started from a fixed vector; a few n^2 flops each dimension.
 *
 * The space holds the smoothest directions of a filter: those of the largest eigenvalues of s S^-1 s, along which the
 * recursion converges last [Lanczos1950].
 */
class KrylovSpace {
 public:
  KrylovSpace(const Backend& backend, ConstBlockView m, std::vector<double> scale);

  /** Largest Ritz value of s M s: a lower bound of its largest eigenvalue, accurate when that is well separated. */
  [[nodiscard]] double largest() const;
  /** Smallest Ritz value of s^-1 D s^-1 for another symmetric D: an upper bound of its smallest eigenvalue. */
  [[nodiscard]] double smallest_of(ConstBlockView d) const;

 private:
  [[nodiscard]] std::vector<double> ritz_values(ConstBlockView m, bool divide) const;

  const Backend& backend_;
  ConstBlockView m_;
  std::vector<double> scale_;
  DenseMatrix basis_;
};

/** Steps after which a recursion with interior s^-1 D s^-1 >= kappa I has forgotten its start to `tolerance`:
 * log(1/tolerance) / (2 arcosh(kappa / 2)); infinite when kappa <= 2. */
[[nodiscard]] double steps_to_converge(double kappa, double tolerance);

}  // namespace tramontana

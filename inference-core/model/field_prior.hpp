// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "matrix/dense.hpp"
#include "model/latent_model.hpp"

namespace tramontana {

/** sum_t M_r(t,t) E[z_t z_t] + 2 M_r(t,t+1) E[z_t z_t+1] for each temporal term r and mode i; [r * n_s + i]. */
using ModeMoments = std::vector<double>;

/**
 * The prior of one field in spectral coordinates z, x = C0^-1/2 V z: n_s independent tridiagonal precisions of order
 * n_t, T_i = sum_r c_r(lam_i) M_r.
 *
 * Everything costs O(n_s n_t): no block is ever factorised for the prior.
 */
class FieldPrior {
 public:
  /**
   * @param model       must outlive this object
   * @param eigenvalues of K, non-negative
   */
  FieldPrior(const LatentModel& model, std::span<const double> eigenvalues, std::span<const double> parameters);

  [[nodiscard]] std::size_t num_modes() const { return modes_.size(); }
  [[nodiscard]] std::size_t num_steps() const { return num_steps_; }
  /** Whether the field has a precision between the nodes. */
  [[nodiscard]] bool has_polynomials() const { return polynomials_.has_value(); }
  /** Coefficients of K^p, for a precision between the nodes; only of fields that have one. */
  [[nodiscard]] const FieldCoefficients& polynomials() const { return polynomials_.value(); }
  /** c_r of a mode, with the derivatives by the field's parameters. */
  [[nodiscard]] const ModeCoefficients& coefficients(std::size_t mode) const { return modes_[mode]; }
  /** T_i(step, step). */
  [[nodiscard]] double diagonal(std::size_t step, std::size_t mode) const {
    return diagonal_[step * num_modes() + mode];
  }
  /** T_i(step, step + 1). */
  [[nodiscard]] double off_diagonal(std::size_t step, std::size_t mode) const {
    return off_diagonal_[step * num_modes() + mode];
  }
  /** sum_i log|T_i|. */
  [[nodiscard]] double log_determinant() const { return log_determinant_; }

  /** Moments of the prior itself. */
  [[nodiscard]] ModeMoments prior_moments() const;

  /**
   * Gradient by the field's parameters of 1/2 sum_i tr(T_i E_i), given the moments of E.
   */
  [[nodiscard]] std::array<double, max_field_parameters> contract(std::span<const double> moments) const;

  /** result = Q z for the rows [offset, offset + n_s) of every block. */
  void apply(const BlockVector& z, std::size_t offset, BlockVector& result) const;
  /** z <- Q^-1 z for the rows [offset, offset + n_s) of every block. */
  void solve(BlockVector& z, std::size_t offset) const;
  /** result += (dQ/d parameter) z for column `column` of both. */
  void add_derivative_product(std::size_t parameter, const BlockVector& z, std::size_t offset, std::size_t z_column,
                              BlockVector& result, std::size_t result_column) const;
  /** z <- L^-T z with T_i = L L': turns white noise into a draw from the prior. */
  void color(BlockVector& z, std::size_t offset) const;
  /** moments += those of the columns of z. */
  void add_moments(const BlockVector& z, std::size_t offset, ModeMoments& moments) const;

  [[nodiscard]] const std::vector<TemporalTerm>& terms() const { return model_.temporal_terms(); }

 private:
  [[nodiscard]] std::span<const double> pivots(std::size_t step) const {
    return std::span(pivots_).subspan(step * num_modes(), num_modes());
  }

  const LatentModel& model_;
  std::size_t num_steps_;
  std::vector<ModeCoefficients> modes_;
  std::optional<FieldCoefficients> polynomials_;
  std::vector<double> diagonal_;      ///< [step * n_s + mode]
  std::vector<double> off_diagonal_;  ///< [step * n_s + mode]
  std::vector<double> pivots_;        ///< of LDL', [step * n_s + mode]
  double log_determinant_ = 0.0;
};

}  // namespace tramontana

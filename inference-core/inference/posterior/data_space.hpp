// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "inference/posterior/prepared_model.hpp"
#include "model/field_prior.hpp"

namespace tramontana {

/**
 * The posterior of a field of one time step from the covariance of its data, V = D^-1 + X S X' with the prior
 * covariance S, which is diagonal in spectral coordinates, and predictors X z [RasmussenWilliams2006, section 2.7].
 *
 * The precision Q + X' D X holds the prior behind D: where D outweighs it by 1e9, nine of its sixteen digits are gone
 * before anything is factorised. V holds 1/D beside the prior instead and is as good for D without end. The price is
 * m^3 for m observations, so that it is of use where they are fewer than nodes.
 */
class DataSpace {
 public:
  /**
   * @param precisions  D of each observation, tau w or working weights; positive
   * @throws NotPositiveDefinite
   */
  DataSpace(const PreparedModel& prepared, const ObservationModels& observations, const std::vector<FieldPrior>& priors,
            const std::vector<double>& coregionalisation, const std::vector<std::vector<double>>& precisions);

  struct Solution {
    BlockVector field;                   ///< S X' V^-1 w, spectral
    std::vector<DenseMatrix> residuals;  ///< w - X field = D^-1 V^-1 w per group, without their difference
  };
  /** @param w  per group, m_g x q */
  [[nodiscard]] Solution solve(const std::vector<DenseMatrix>& w) const;

  /** log|Q + X' D X| in spectral coordinates. */
  [[nodiscard]] double log_determinant() const { return log_determinant_; }
  /**
   * (Q + X' D X)^-1 = (I - K X) S (I - K X)' + K D^-1 K' with K = S X' V^-1, all entries. A sum of squares: S - K X S
   * is the same and rounds as S does, which leaves variances at the observations of any sign.
   */
  [[nodiscard]] ConstMatrixView covariance() const { return covariance_.view(); }
  /** 1 - D_i var(eta_i) without the border, D^-1 V^-1 of the i-th of a group: no difference, for any D. */
  [[nodiscard]] double remaining(std::size_t group, std::size_t i) const {
    const std::size_t row = groups_[group].first + i;
    return noise_variances_[row] * inverse_(row, row);
  }
  /** sum over the group of D_i cov(A_i w_k, eta_i), for process k: the pairing of the gradient, exact for any D. */
  [[nodiscard]] double weighted_covariance(std::size_t group, std::size_t process) const;
  /** Bound of the relative error of V^-1 by its rounding: epsilon over the smallest pivot of V scaled to unit diagonal.
   */
  [[nodiscard]] double relative_error() const { return relative_error_; }

 private:
  struct Rows {
    std::size_t first = 0;
    std::size_t count = 0;
    std::size_t process = 0;
  };

  const PreparedModel& prepared_;
  const std::vector<double>& coregionalisation_;
  std::vector<Rows> groups_;
  std::vector<double> noise_variances_;  ///< 1/D of all groups
  DenseMatrix predictors_;               ///< A T per row without the coregionalisation, m x n_s
  DenseMatrix gain_;                     ///< S X', n x m
  DenseMatrix inverse_;                  ///< V^-1, all entries
  DenseMatrix covariance_;
  double log_determinant_ = 0.0;
  double relative_error_ = 0.0;
};

}  // namespace tramontana

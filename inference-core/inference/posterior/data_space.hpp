// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inference/posterior/field_conditional.hpp"

namespace tramontana {

/**
 * The posterior of a field of one time step from the covariance of its data, V = D^-1 + X S X' with the prior
 * covariance S, which is diagonal in spectral coordinates, and predictors X z [RasmussenWilliams2006, section 2.7].
 *
 * The precision Q + X' D X holds the prior behind D: where D outweighs it by 1e9, nine of its sixteen digits are gone
 * before anything is factorised. V holds 1/D beside the prior instead and is as good for D without end. The price is
 * m^3 for m observations, so that it is of use where they are fewer than nodes. All of it is algebra on the host, but
 * for the covariance.
 */
class DataSpace final : public FieldConditional {
 public:
  /**
   * @param map         must outlive this object; its observations are those of one time step
   * @param precisions  D of each observation, tau w or working weights, per group; positive
   * @throws NotPositiveDefinite
   */
  DataSpace(const PredictorMap& map, const std::vector<std::vector<double>>& precisions);

  /** The fields of a map by the covariance of its data, where there are few enough data and it keeps enough digits. */
  [[nodiscard]] static std::unique_ptr<const DataSpace> where_of_use(const PredictorMap& map);

  [[nodiscard]] CoordinateBasis basis() const override { return CoordinateBasis::spectral; }
  [[nodiscard]] const JointPrecision& precision() const override { return *precision_; }
  /** S X' V^-1 w and D^-1 V^-1 w, without the difference of the latter. */
  [[nodiscard]] FieldSolution solve(const std::vector<DenseMatrix>& w) const override;
  [[nodiscard]] FieldSolution solve_design(const std::vector<DenseMatrix>& design) const override {
    return solve(design);
  }
  [[nodiscard]] double log_determinant() const override { return log_determinant_; }
  [[nodiscard]] double mass_within() const override { return 0.0; }
  /**
   * (Q + X' D X)^-1 = (I - K X) S (I - K X)' + K D^-1 K' with K = S X' V^-1, all entries. A sum of squares: S - K X S
   * is the same and rounds as S does, which leaves variances at the observations of any sign.
   */
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const override;
  /** From D_i cov(A_i w_k, eta_i), which is exact for any D. */
  [[nodiscard]] double observed_covariance(std::size_t group, std::size_t process,
                                           const CovarianceMoments& moments) const override;
  /** D^-1 V^-1 of the i-th observation of a group. */
  [[nodiscard]] std::optional<double> remaining(std::size_t group, std::size_t i) const override {
    const std::size_t row = groups_[group].first + i;
    return noise_variances_[row] * inverse_(row, row);
  }
  /** Bound of the relative error of V^-1 by its rounding: epsilon over the smallest pivot of V scaled to unit diagonal.
   */
  [[nodiscard]] double rounding_error() const override { return rounding_error_; }
  [[nodiscard]] std::string description() const override { return "by the covariance of the data"; }

 private:
  struct Rows {
    std::size_t first = 0;
    std::size_t count = 0;
    std::size_t process = 0;
  };

  const PredictorMap& map_;
  std::unique_ptr<const JointPrecision> precision_;
  std::vector<Rows> groups_;
  std::vector<double> noise_variances_;  ///< 1/D of all groups
  DenseMatrix predictors_;               ///< A T per row without the coregionalisation, m x n_s
  DenseMatrix gain_;                     ///< S X', n x m
  DenseMatrix inverse_;                  ///< V^-1, all entries
  Block covariance_;
  double log_determinant_ = 0.0;
  double rounding_error_ = 0.0;
};

}  // namespace tramontana

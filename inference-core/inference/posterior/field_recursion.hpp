// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "inference/posterior/field_conditional.hpp"
#include "solver/factor.hpp"

namespace tramontana {

/** Relative error of the field by rounding from which an answer is refused; the gradient has up to 1e4 times it. */
inline constexpr double largest_rounding_error = 2e-8;

/** The fields given data by a factorised precision, a block a time step. */
class FieldRecursion final : public FieldConditional {
 public:
  /**
   * @param map            must outlive this object
   * @param data_to_prior  largest noise precision times prior variance, where it is so large that digits of the prior
   *                       may be lost: a field that is known is solved for, and the error kept
   * @throws NotPositiveDefinite also when too few digits of the known field come back; Interrupted
   */
  FieldRecursion(const PredictorMap& map, CoordinateBasis basis, const EvaluationOptions& options,
                 std::optional<double> data_to_prior, const CancellationToken* cancellation);

  [[nodiscard]] CoordinateBasis basis() const override { return basis_; }
  [[nodiscard]] const JointPrecision& precision() const override { return *precision_; }
  [[nodiscard]] FieldSolution solve(const std::vector<DenseMatrix>& w) const override;
  [[nodiscard]] FieldSolution solve_design(const std::vector<DenseMatrix>& design) const override;
  [[nodiscard]] double log_determinant() const override { return factor_->log_determinant(); }
  [[nodiscard]] double mass_within() const override;
  [[nodiscard]] Communicator visitors() const override { return factor_->visitors(); }
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const override {
    return factor_->for_each_covariance(visit, detail);
  }
  [[nodiscard]] double observed_covariance(std::size_t group, std::size_t process,
                                           const CovarianceMoments& moments) const override;
  [[nodiscard]] std::optional<double> remaining(std::size_t, std::size_t) const override { return std::nullopt; }
  [[nodiscard]] const ForwardFilter* forward_filter() const override { return factor_->forward_filter(); }
  [[nodiscard]] double rounding_error() const override { return rounding_error_; }
  [[nodiscard]] std::string description() const override;

 private:
  /** (Q_p + A' D A)^-1 of a right-hand side, both in spectral coordinates. */
  [[nodiscard]] BlockVector solve_precision(BlockVector spectral) const;
  /** A' D [y X] from the products that the observations keep. */
  [[nodiscard]] BlockVector transposed_design(std::size_t num_columns) const;
  [[nodiscard]] FieldSolution solution(BlockVector spectral, std::vector<DenseMatrix> w) const;
  /** Relative error of a draw of the prior that is solved for. */
  [[nodiscard]] double measured_error() const;

  const PredictorMap& map_;
  CoordinateBasis basis_;
  std::unique_ptr<const JointPrecision> precision_;
  std::unique_ptr<const Factor> factor_;
  double rounding_error_;
};

/** The precision of the fields given the observations of a map, in one of two bases. Refers to the map. */
[[nodiscard]] std::unique_ptr<const JointPrecision> joint_precision_of(const PredictorMap& map, CoordinateBasis basis);

}  // namespace tramontana

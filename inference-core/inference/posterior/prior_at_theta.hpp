// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "inference/posterior/prepared_model.hpp"
#include "model/field_prior.hpp"

namespace tramontana {

/**
 * What theta says before any observation is conditioned on: the prior of fields and border, the coregionalisation
 * v = L u that joins the fields, the parameters of the likelihoods. Fields are in spectral coordinates.
 */
class PriorAtTheta {
 public:
  /**
   * O(n_v n_s n_t), no block of the recursion.
   *
   * @param prepared  must outlive this object
   * @throws InvalidModel, NotPositiveDefinite (with theta)
   */
  PriorAtTheta(const PreparedModel& prepared, std::span<const double> theta);

  [[nodiscard]] const PreparedModel& prepared() const { return prepared_; }
  [[nodiscard]] const std::vector<double>& theta() const { return theta_; }
  /** One a process. */
  [[nodiscard]] const std::vector<FieldPrior>& fields() const { return fields_; }
  /** L, row-major n_v x n_v. */
  [[nodiscard]] const std::vector<double>& coregionalisation() const { return coregionalisation_; }
  [[nodiscard]] double lower(std::size_t response, std::size_t process) const {
    return coregionalisation_[response * prepared_.num_processes() + process];
  }
  /** P_b, all entries. */
  [[nodiscard]] const DenseMatrix& border_precision() const { return border_precision_; }
  /** tau of a Gaussian group; 1 for the working observations of another, whose weights hold all. */
  [[nodiscard]] double noise_precision(std::size_t group) const { return noise_precisions_[group]; }
  [[nodiscard]] const std::vector<double>& noise_precisions() const { return noise_precisions_; }
  /** The parameters of a group's likelihood. */
  [[nodiscard]] std::vector<double> likelihood_parameters(std::size_t group) const;

  /** log|Q_p| + log|P_b|. */
  [[nodiscard]] double log_determinant() const;
  /** Q_p x, a column each. */
  [[nodiscard]] BlockVector product(const BlockVector& field) const;
  /** x' Q_p x + b' P_b b. */
  [[nodiscard]] double energy(const BlockVector& field, std::span<const double> effects) const;
  /** Variance of v_response at a node, far from the mesh's edge. */
  [[nodiscard]] double response_variance(std::size_t response) const;

 private:
  const PreparedModel& prepared_;
  std::vector<double> theta_;
  std::vector<double> coregionalisation_;
  DenseMatrix border_precision_;
  std::vector<FieldPrior> fields_;
  std::vector<double> noise_precisions_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "inference/posterior/step_variances.hpp"

namespace tramontana {

/** @throws InvalidModel naming the design and its field unless it fits the model */
void check_designs(const PreparedModel& model, std::span<const PredictionDesign> designs);

/**
 * Predictors of a design for several columns of nodal fields of its process and of border effects.
 *
 * @param effects  all border effects, p x columns
 * @return (time_indices x num_rows) x columns, rows within a time index
 */
[[nodiscard]] DenseMatrix design_values(const PreparedModel& model, const PredictionDesign& design,
                                        const BlockVector& fields, const DenseMatrix& effects);

/** Collects mean and variance of the predictors of designs from the covariance groups. */
class DesignMoments {
 public:
  /** `designs` must outlive this object. */
  DesignMoments(const GaussianConditional& posterior, std::span<const PredictionDesign> designs);
  void visit(StepVariances& variances);
  /** Complete after every group has been seen. Collective over the visitors. */
  [[nodiscard]] std::vector<PredictionMoments> take();

 private:
  std::span<const PredictionDesign> designs_;
  Communicator visitors_;
  std::vector<PredictionMoments> moments_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "inference/posterior/prior_at_theta.hpp"
#include "model/observation_model.hpp"

namespace tramontana {

/**
 * Fields and their values at the observations for a few columns: z in spectral coordinates after u = T x, and
 * A_g w_k for every observation group g of process j and process k <= j.
 */
struct ProjectedFields {
  BlockVector spectral;
  /** [g][k], m_g x columns. */
  std::vector<std::vector<DenseMatrix>> by_process;
};

/** The map A from fields to predictors at the observations, without the border, and its adjoint A' D. */
class PredictorMap {
 public:
  /**
   * @param prior         must outlive this object
   * @param observations  Gaussian ones: those of the model, or working observations
   */
  PredictorMap(const PriorAtTheta& prior, ObservationModels observations)
      : prior_(prior), observations_(std::move(observations)) {}

  [[nodiscard]] const PriorAtTheta& prior() const { return prior_; }
  [[nodiscard]] const ObservationModels& observations() const { return observations_; }

  /** A_g w_k for the given fields in spectral coordinates. */
  [[nodiscard]] ProjectedFields project(BlockVector spectral) const;
  /** sum_k L_jk A_g w_k, m_g x columns, for a group g of process j. */
  [[nodiscard]] DenseMatrix predictor(const ProjectedFields& fields, std::size_t group) const;
  /** The same of every group. */
  [[nodiscard]] std::vector<DenseMatrix> predictors(const ProjectedFields& fields) const;
  /** sum_g tau_g L_jk A_g' W_g w_g in spectral coordinates. */
  [[nodiscard]] BlockVector transposed(const std::vector<DenseMatrix>& w) const;

 private:
  const PriorAtTheta& prior_;
  ObservationModels observations_;
};

}  // namespace tramontana

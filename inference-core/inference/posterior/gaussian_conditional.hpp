// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "inference/posterior/bordered_solution.hpp"

namespace tramontana {

/** The latent variables given data in place of y, a few columns of them. */
struct ConditionalMean {
  BlockVector field;                   ///< spectral coordinates
  DenseMatrix effects;                 ///< of the border, p x columns
  std::vector<DenseMatrix> predictor;  ///< A x + X b per group, m_g x columns
  std::vector<DenseMatrix> residuals;  ///< the data less the predictor
};

/**
 * The Gaussian of all latent variables given Gaussian observations at one theta: those of the model, or the working
 * observations z = eta + l'/W with precisions W = -l'' that stand for others at a predictor eta [Rue2009].
 *
 * Fixed and random effects are the border of the precision.
 */
class GaussianConditional {
 public:
  /**
   * n^3 flops a distinct step.
   *
   * @param prior  must outlive this object
   * @throws NotPositiveDefinite, InvalidModel, Interrupted
   */
  GaussianConditional(const PriorAtTheta& prior, ObservationModels observations, const EvaluationOptions& options,
                      const CancellationToken* cancellation);
  GaussianConditional(const GaussianConditional&) = delete;
  GaussianConditional& operator=(const GaussianConditional&) = delete;

  [[nodiscard]] const PriorAtTheta& prior() const { return map_.prior(); }
  [[nodiscard]] const PreparedModel& prepared() const { return prior().prepared(); }
  [[nodiscard]] const PredictorMap& map() const { return map_; }
  /** The groups that the Gaussian algebra sees. */
  [[nodiscard]] const ObservationModels& observations() const { return map_.observations(); }
  [[nodiscard]] const FieldConditional& field() const { return *field_; }
  /** Mean and border. */
  [[nodiscard]] const BorderedSolution& solution() const { return solution_; }

  /** Mean (mode) of the predictor at the observations of a group. */
  [[nodiscard]] std::vector<double> mean_predictor(std::size_t group) const;
  /**
   * Solves with the bordered precision for data `w` in place of y.
   *
   * @param w  per group, m_g x q
   */
  [[nodiscard]] ConditionalMean solve_for_data(const std::vector<DenseMatrix>& w) const;
  /** The ranks over which sums over the visits are to be summed (FieldConditional::visitors()). */
  [[nodiscard]] Communicator visitors() const { return field_->visitors(); }
  /** The covariances of the fields, without the border's share. @throws NotPositiveDefinite (with theta), Interrupted
   */
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit,
                                             CovarianceDetail detail = CovarianceDetail::each_step) const;

 private:
  PredictorMap map_;
  std::unique_ptr<const FieldConditional> field_;
  BorderedSolution solution_;
};

}  // namespace tramontana

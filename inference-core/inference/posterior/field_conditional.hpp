// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "communicator/communicator.hpp"
#include "inference/posterior/predictor_map.hpp"
#include "model/joint_precision.hpp"
#include "solver/forward_filter.hpp"
#include "solver/selected_inverse.hpp"
#include "tramontana/cancellation.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {

/** The mean of the fields given data w in place of y, a few columns of them. */
struct FieldSolution {
  ProjectedFields fields;
  std::vector<DenseMatrix> predictor;  ///< A x per group, m_g x columns
  std::vector<DenseMatrix> residuals;  ///< w - A x
};

/**
 * The fields given data, with the border held at zero: the Gaussian of precision Q_p + A' D A. Which coordinates its
 * covariances are in, and whether a recursion has made them, is known here alone.
 */
class FieldConditional {
 public:
  virtual ~FieldConditional() = default;

  /** Of the covariances that for_each_covariance() hands out. */
  [[nodiscard]] virtual CoordinateBasis basis() const = 0;
  /** Precision whose moments the covariances have. */
  [[nodiscard]] virtual const JointPrecision& precision() const = 0;

  /** @param w  per group, m_g x q */
  [[nodiscard]] virtual FieldSolution solve(const std::vector<DenseMatrix>& w) const = 0;
  /**
   * The same for the observations' own y and X, whose A' D y and A' D X are at hand.
   *
   * @param design  [y X] of each group, X in the columns of the border
   */
  [[nodiscard]] virtual FieldSolution solve_design(const std::vector<DenseMatrix>& design) const = 0;

  /** log|Q_p + A' D A| in the coordinates of the covariances. */
  [[nodiscard]] virtual double log_determinant() const = 0;
  /** The share of log|Q| between the nodes, n_v n_t log|V' C0^1/2|^2, that log_determinant() has: all or nothing. */
  [[nodiscard]] virtual double mass_within() const = 0;

  /**
   * The ranks that share the visits of for_each_covariance(): sums over visits are to be summed over them. One where
   * each rank sees every covariance.
   */
  [[nodiscard]] virtual Communicator visitors() const { return {}; }
  /** Runs the selected inverse. */
  virtual SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const = 0;

  /**
   * sum_i w_i cov(A_i w_k, eta_i) over the observations of a group, for process k: the pairing of the gradient.
   *
   * @param moments  of all covariances
   */
  [[nodiscard]] virtual double observed_covariance(std::size_t group, std::size_t process,
                                                   const CovarianceMoments& moments) const = 0;
  /**
   * 1 - D_i var(eta_i) of the i-th observation of a group, where it is known without a difference, whatever D; nothing
   * where it is not.
   */
  [[nodiscard]] virtual std::optional<double> remaining(std::size_t group, std::size_t i) const = 0;

  /**
   * Relative error of field and covariance by rounding, as measured or bounded where data outweigh the prior by a
   * million; 0 where they do not, and nothing need be measured.
   */
  [[nodiscard]] virtual double rounding_error() const = 0;
  /** The states of a recursion over the steps one after the other, of precision(); null where there are none. */
  [[nodiscard]] virtual const ForwardFilter* forward_filter() const { return nullptr; }
  /** How it was made, in one line. */
  [[nodiscard]] virtual std::string description() const = 0;
};

/** Coordinates of the recursion. @throws InvalidModel for nodal ones of a prior without */
[[nodiscard]] CoordinateBasis basis_of(const PriorAtTheta& prior, const EvaluationOptions& options);

/**
 * Conditions the fields: n^3 flops a distinct step. Where the data are so precise, and so few, that the precision would
 * hide the prior behind them, by the covariance of the data (data_space.hpp); else by the recursion.
 *
 * @param map  must outlive the result
 * @throws NotPositiveDefinite, InvalidModel, Interrupted
 */
[[nodiscard]] std::unique_ptr<const FieldConditional> condition_fields(const PredictorMap& map,
                                                                       const EvaluationOptions& options,
                                                                       const CancellationToken* cancellation);

}  // namespace tramontana

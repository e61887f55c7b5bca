// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inference/prepared_model.hpp"
#include "model/field_prior.hpp"
#include "model/joint_precision.hpp"
#include "solver/forward_filter.hpp"
#include "solver/selected_inverse.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {

/**
 * Fields and their values at the observations for a few columns: z in spectral coordinates after u = T x, and
 * A_j w_k for every response j and process k <= j.
 */
struct ProjectedFields {
  BlockVector spectral;
  /** [j][k], m_j x columns. */
  std::vector<std::vector<DenseMatrix>> by_process;
};

/**
 * The Gaussian posterior of all latent variables at one theta: prior, factorised precision, mean, fixed effects.
 *
 * The fixed effects are the border of the precision. Every quadratic form is a sum of squares of residuals (the
 * energy), never a difference of large numbers.
 */
class Posterior {
 public:
  /** n^3 flops a distinct step. @throws NotPositiveDefinite (with theta), InvalidModel, Interrupted */
  Posterior(const PreparedModel& prepared, std::span<const double> theta, const EvaluationOptions& options,
            const CancellationToken* cancellation);

  [[nodiscard]] const PreparedModel& prepared() const { return prepared_; }
  [[nodiscard]] const std::vector<double>& theta() const { return theta_; }
  [[nodiscard]] EvaluationOptions::Coordinates coordinates() const { return options_.coordinates; }
  [[nodiscard]] const std::vector<FieldPrior>& priors() const { return priors_; }
  [[nodiscard]] const JointPrecision& precision() const { return *precision_; }
  [[nodiscard]] const ForwardFilter& filter() const { return *filter_; }
  [[nodiscard]] double lower(std::size_t response, std::size_t process) const {
    return coregionalisation_[response * prepared_.num_processes() + process];
  }
  [[nodiscard]] const std::vector<double>& coregionalisation() const { return coregionalisation_; }
  [[nodiscard]] double noise_precision(std::size_t response) const { return noise_precisions_[response]; }

  [[nodiscard]] double objective() const { return objective_; }
  [[nodiscard]] double log_marginal_likelihood() const { return log_marginal_likelihood_; }
  /** Of field and fixed effects, in nodal coordinates. */
  [[nodiscard]] double log_determinant_prior() const { return log_determinant_prior_; }
  [[nodiscard]] double log_determinant_posterior() const { return log_determinant_posterior_; }
  [[nodiscard]] const std::vector<double>& fixed_effects() const { return fixed_effects_; }
  /** S_beta^-1, p x p, all entries. */
  [[nodiscard]] const DenseMatrix& fixed_effect_covariance() const { return fixed_effect_covariance_; }

  /**
   * Column 0: the posterior mean; columns 1..p: the border columns -Y C with S_beta^-1 = C C'. The posterior covariance
   * is Sigma + sum over border columns of c c', of the latent field as of every predictor.
   */
  [[nodiscard]] const ProjectedFields& states() const { return *states_; }
  /** Per response, m_j x (1 + p): y - eta of the mean, then -eta of each border column. */
  [[nodiscard]] const std::vector<DenseMatrix>& residuals() const { return residuals_; }
  /** The fixed-effect components of the states, p x (1 + p). */
  [[nodiscard]] const DenseMatrix& state_fixed_effects() const { return state_fixed_effects_; }

  /**
   * Solves with the bordered posterior precision for data `w` in place of y.
   *
   * @param w  per response, m_j x q
   * @return the field part of the solution; `w` becomes w - A x - X b
   */
  [[nodiscard]] BlockVector solve_for_data(std::vector<DenseMatrix>& w) const;

  /** A_j w_k for the given fields in spectral coordinates. */
  [[nodiscard]] ProjectedFields project(BlockVector spectral) const;
  /** sum_k L_jk A_j w_k, m_j x columns. */
  [[nodiscard]] DenseMatrix predictor(const ProjectedFields& fields, std::size_t response) const;
  /** sum_j tau_j L_jk A_j' W_j w_j in spectral coordinates. */
  [[nodiscard]] BlockVector transposed_predictor(const std::vector<DenseMatrix>& w) const;

  /** Runs the selected inverse. */
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit) const;

  /** How the forward recursion ran, in one line. */
  [[nodiscard]] std::string recursion_summary() const;

 private:
  void factorise();
  void solve_mean();
  void assemble_objective();

  const PreparedModel& prepared_;
  std::vector<double> theta_;
  EvaluationOptions options_;
  const CancellationToken* cancellation_;
  RecursionOptions recursion_;
  std::vector<double> coregionalisation_;
  std::vector<double> noise_precisions_;
  std::vector<FieldPrior> priors_;
  std::unique_ptr<JointPrecision> precision_;
  std::optional<ForwardFilter> filter_;
  std::optional<ProjectedFields> states_;
  std::vector<DenseMatrix> residuals_;
  DenseMatrix state_fixed_effects_;
  std::vector<double> fixed_effects_;
  DenseMatrix fixed_effect_covariance_;
  std::vector<DenseMatrix> border_residuals_;  ///< X - A Y per response, m_j x p
  std::optional<BlockVector> border_;          ///< Y, spectral
  double energy_ = 0.0;
  double log_determinant_border_ = 0.0;
  double objective_ = 0.0;
  double log_marginal_likelihood_ = 0.0;
  double log_determinant_prior_ = 0.0;
  double log_determinant_posterior_ = 0.0;
};

/**
 * Exact gradient of the objective by structured adjoints (mathematics section 6).
 *
 * The adjoint of log-determinant and energy needs only moments of the posterior: per process and spectral mode, and the
 * inner products with the observation patterns. They are those of the covariance plus those of the states, so that mean
 * and border need no formulas of their own; the chain rule through the coefficients is automatic differentiation.
 *
 * @param also_visit  sees every covariance group of the same pass
 */
[[nodiscard]] std::vector<double> objective_gradient(const Posterior& posterior, const CovarianceVisitor& also_visit,
                                                     SelectedInverseSummary* summary);

}  // namespace tramontana

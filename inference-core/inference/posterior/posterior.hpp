// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inference/posterior/data_space.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "model/field_prior.hpp"
#include "model/joint_precision.hpp"
#include "solver/factor.hpp"
#include "tramontana/engine.hpp"

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

/** The latent variables given data in place of y, a few columns of them. */
struct ConditionalMean {
  BlockVector field;                   ///< spectral coordinates
  DenseMatrix effects;                 ///< of the border, p x columns
  std::vector<DenseMatrix> predictor;  ///< A x + X b per group, m_g x columns
  std::vector<DenseMatrix> residuals;  ///< the data less the predictor
};

/**
 * The Gaussian posterior of all latent variables at one theta: prior, factorised precision, mean, fixed effects. Where
 * a likelihood is not Gaussian, it is the Gaussian approximation at the mode: the posterior given working observations
 * z = eta + l'/W with precisions W = -l'' [Rue2009].
 *
 * Fixed and random effects are the border of the precision. Every quadratic form is a sum of squares of residuals (the
 * energy), never a difference of large numbers.
 */
class Posterior {
 public:
  /**
   * n^3 flops a distinct step, and as much again for every iteration of the search for the mode.
   *
   * @throws NotPositiveDefinite (with theta), InnerModeNotFound, InvalidModel, Interrupted
   */
  Posterior(const PreparedModel& prepared, std::span<const double> theta, const EvaluationOptions& options,
            const CancellationToken* cancellation);

  [[nodiscard]] const PreparedModel& prepared() const { return prepared_; }
  [[nodiscard]] const std::vector<double>& theta() const { return theta_; }
  /** Basis of the recursion: spectral or nodal. */
  [[nodiscard]] EvaluationOptions::Coordinates coordinates() const {
    return is_spectral_ ? EvaluationOptions::Coordinates::spectral : EvaluationOptions::Coordinates::nodal;
  }
  [[nodiscard]] const std::vector<FieldPrior>& priors() const { return priors_; }
  [[nodiscard]] const JointPrecision& precision() const { return *precision_; }
  /** Set where the data are so precise, and so few, that the covariance of the data serves in place of the recursion.
   */
  [[nodiscard]] const std::optional<DataSpace>& data_space() const { return data_space_; }
  /**
   * Relative error of field and covariance by rounding, as measured or bounded where data outweigh the prior by a
   * million; 0 where they do not, and nothing need be measured.
   */
  [[nodiscard]] double rounding_error() const { return rounding_error_; }
  [[nodiscard]] double lower(std::size_t response, std::size_t process) const {
    return coregionalisation_[response * prepared_.num_processes() + process];
  }
  [[nodiscard]] const std::vector<double>& coregionalisation() const { return coregionalisation_; }
  /** The groups that the Gaussian algebra sees: those of the model, or the working observations at the mode. */
  [[nodiscard]] const ObservationModels& observations() const {
    return working_.size() == 0 ? prepared_.observations() : working_;
  }
  /** tau of a Gaussian group; 1 for working observations, whose weights hold all. */
  [[nodiscard]] double noise_precision(std::size_t group) const { return noise_precisions_[group]; }
  /** The parameters of a group's likelihood. */
  [[nodiscard]] std::vector<double> likelihood_parameters(std::size_t group) const;
  /** Posterior mean (mode) of the predictor at the observations of a group. */
  [[nodiscard]] std::vector<double> mean_predictor(std::size_t group) const;
  /** P_b, all entries. */
  [[nodiscard]] const DenseMatrix& border_precision() const { return border_precision_; }
  /** Factorisations that the search for the mode took; 1 for Gaussian data. */
  [[nodiscard]] int inner_iterations() const { return inner_iterations_; }

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
  /** Per group, m_g x (1 + p): y (or working z) - eta of the mean, then -eta of each border column. */
  [[nodiscard]] const std::vector<DenseMatrix>& residuals() const { return residuals_; }
  /** The fixed-effect components of the states, p x (1 + p). */
  [[nodiscard]] const DenseMatrix& state_fixed_effects() const { return state_fixed_effects_; }

  /**
   * Solves with the bordered posterior precision for data `w` in place of y.
   *
   * @param w  per group, m_g x q
   */
  [[nodiscard]] ConditionalMean solve_for_data(const std::vector<DenseMatrix>& w) const;

  /** Q_p x for fields in spectral coordinates, a column each. */
  [[nodiscard]] BlockVector prior_product(const BlockVector& field) const;
  /** A_g w_k for the given fields in spectral coordinates. */
  [[nodiscard]] ProjectedFields project(BlockVector spectral) const;
  /** sum_k L_jk A_g w_k, m_g x columns, for a group g of process j. */
  [[nodiscard]] DenseMatrix predictor(const ProjectedFields& fields, std::size_t group) const;
  /** sum_g tau_g L_jk A_g' W_g w_g in spectral coordinates. */
  [[nodiscard]] BlockVector transposed_predictor(const std::vector<DenseMatrix>& w) const;

  /** Runs the selected inverse. */
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit,
                                             CovarianceDetail detail = CovarianceDetail::each_step) const;

  /** How the forward recursion ran, in one line. */
  [[nodiscard]] std::string recursion_summary() const;

 private:
  /** A point on the way to the mode. */
  struct ModePoint {
    BlockVector field;
    std::vector<double> effects;
    std::vector<std::vector<double>> predictor;  ///< per group
    double log_joint = 0.0;                      ///< log p(y | eta) + log p(x), without constants
  };

  void prepare_prior();
  /** Factorises and solves, given the observations. */
  void condition();
  void factorise();
  /** Factorises the covariance of the data, if it is of use. */
  [[nodiscard]] bool use_data_space();
  /** Largest D times the prior variance of its predictor: by what the data outweigh the prior. */
  [[nodiscard]] double data_to_prior() const;
  /** Solves for a field that is known. @throws NotPositiveDefinite when too few of its digits come back */
  void measure_rounding(double ratio);
  void solve_mean();
  void assemble_objective();
  /** The working observations at the mode, and the posterior given them (inner_mode.cpp). */
  void find_mode();
  void observe(const std::vector<std::vector<double>>& predictor, bool ascend);
  [[nodiscard]] ModePoint solution() const;
  [[nodiscard]] ModePoint between(const ModePoint& a, const ModePoint& b) const;
  [[nodiscard]] double log_joint(const ModePoint& point) const;
  /** Of predictors, in units of what their likelihoods tell apart. */
  [[nodiscard]] double largest_change(const std::vector<std::vector<double>>& a,
                                      const std::vector<std::vector<double>>& b) const;
  /** x' Q_p x + b' P_b b. */
  [[nodiscard]] double prior_energy(const BlockVector& field, std::span<const double> effects) const;

  const PreparedModel& prepared_;
  std::vector<double> theta_;
  EvaluationOptions options_;
  const CancellationToken* cancellation_;
  RecursionOptions recursion_;
  std::vector<double> coregionalisation_;
  std::vector<double> noise_precisions_;
  std::vector<FieldPrior> priors_;
  DenseMatrix border_precision_;
  ObservationModels working_;
  int inner_iterations_ = 0;
  bool is_spectral_ = true;
  std::unique_ptr<JointPrecision> precision_;
  std::unique_ptr<Factor> factor_;
  std::optional<DataSpace> data_space_;
  double rounding_error_ = 0.0;
  std::optional<ProjectedFields> states_;
  std::vector<DenseMatrix> residuals_;
  DenseMatrix state_fixed_effects_;
  std::vector<double> fixed_effects_;
  DenseMatrix fixed_effect_covariance_;
  std::vector<DenseMatrix> border_residuals_;  ///< X - A Y per group, m_g x p
  std::optional<BlockVector> border_;          ///< Y, spectral
  double log_determinant_border_ = 0.0;
  double objective_ = 0.0;
  double log_marginal_likelihood_ = 0.0;
  double log_determinant_prior_ = 0.0;
  double log_determinant_posterior_ = 0.0;
};

/**
 * Exact gradient of the objective by structured adjoints (docs/mathematics.md, section 6).
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tramontana/engine.hpp"

namespace tramontana {

/** The Hessian at the mode, by differences of exact gradients or without; extra evaluations, and its relative error. */
enum class HessianDifferences {
  automatic,  ///< exact where that counts as quicker; else corrected for Gaussian data, central otherwise
  exact,      ///< none: from the covariances between all steps, about 1e-6; exact_hessian()
  forward,    ///< d extra gradients, about 1e-4
  corrected,  ///< d, about 1e-5: forward, less half the change of the estimated Hessian over the step
  central,    ///< 2 d, about 1e-6
  fourth,     ///< 4 d, about 1e-8
};

struct FitOptions {
  std::vector<double> initial_theta;
  /** The search stops when |gradient|_inf is below this. */
  double gradient_tolerance = 1e-3;
  /** Trial steps of one search, accepted or not, before it gives up. */
  int maximum_iterations = 100;
  bool compute_hessian = true;
  HessianDifferences hessian_differences = HessianDifferences::automatic;
  /** First radius of the trust region, in units of theta (mostly log units). */
  double initial_trust_radius = 2.0;
  /**
   * Hessian known at the start (yesterday's fit, a coarser mesh), row-major d x d; empty: estimated there. It replaces
   * the estimate where the two agree within the sampling error of the latter, and is ignored otherwise: the estimate is
   * that of these data at this theta.
   */
  std::vector<double> initial_curvature = {};
  /** Box that theta stays in; empty: default_theta_bounds(), widened to hold the start. */
  std::vector<double> lower_bounds = {};
  std::vector<double> upper_bounds = {};
  /**
   * Further searches from starts scattered around the optimum; the lowest end is the result and the others are told.
   * The default is one search: it costs a fit to learn that there is no other optimum, and the Hessian is checked
   * either way.
   */
  int num_restarts = 0;
  /** Standard deviation of the scattered starts in every component of theta. */
  double restart_spread = 2.0;
  EvaluationOptions evaluation = {};

  /** @throws InvalidModel naming the option */
  void validate(std::size_t theta_size) const;
};

struct IterationRecord {
  int iteration = 0;
  bool accepted = false;
  double objective = 0.0;
  double gradient_norm = 0.0;  ///< infinity norm, without components held by a bound
  double trust_radius = 0.0;
  int evaluations = 0;
  std::vector<double> theta;
};

enum class FitPhase { search, hessian, done };

/** Where a search ended. */
struct FoundOptimum {
  std::vector<double> theta;
  double objective = 0.0;
  bool converged = false;
  int count = 1;  ///< searches that ended there
};

/**
 * The complete state of the optimiser. A fit that resumes from it continues along the path of the fit that reported it,
 * bit for bit with the same threads.
 */
struct OptimizerState {
  FitPhase phase = FitPhase::search;
  int iteration = 0;
  int evaluations = 0;
  std::vector<double> theta;
  double objective = 0.0;
  std::vector<double> gradient;   ///< zero for fixed components
  std::vector<double> curvature;  ///< of the next step, positive definite, row-major d x d
  /** Estimate of the Hessian at theta, row-major d x d; what secants have shown to be wrong with it. */
  std::vector<double> observed_curvature;
  std::vector<double> curvature_correction;
  double trust_radius = 0.0;
  int search = 0;            ///< 0: from the start; then the restarts
  int search_start = 0;      ///< iteration at which this search began
  int saddles_left = 0;      ///< times that the Hessian showed a way down
  bool at_rounding = false;  ///< the last step promised less than the rounding of the objective
  std::vector<FoundOptimum> optima;
  std::vector<std::vector<double>> hessian_columns;
  std::string stop_reason;
  bool converged = false;
  std::vector<IterationRecord> trace;
};

/** Where a search ended, and the curvature there. */
struct SearchResult {
  OptimizerState state;  ///< phase done
  double gradient_norm = 0.0;
  /** Row-major; rows and columns of fixed components and of those at a bound are zero; empty without compute_hessian.
   */
  std::vector<double> hessian;
  std::vector<double> theta_covariance;    ///< inverse of the others' part, zero elsewhere
  std::vector<std::string> active_bounds;  ///< components of theta that a bound holds
  std::vector<FoundOptimum> other_optima;  ///< of restarts, lowest first
  double seconds = 0.0;
};

struct FitResult : SearchResult {
  Evaluation evaluation;  ///< at the mode
};

/** A box for theta; equal bounds fix a component. */
struct ThetaBounds {
  std::vector<double> lower;
  std::vector<double> upper;
};

/**
 * Bounds far outside of what data and mesh can tell, to keep theta sane: ranges from a tenth of the smallest edge (or
 * time step) to 1000 times the diameter of the domain (or the whole period), log standard deviations within 15 and log
 * precisions within 30 of those of the data, coregionalisation weights within 1e4 times the ratio of their scales,
 * others within 20 of zero. Components with a fixed prior have their value for both.
 */
[[nodiscard]] ThetaBounds default_theta_bounds(const PreparedModel& model);

/**
 * Finds the mode of log p(theta | y) and its curvature.
 *
 * Trust-region Newton steps on exact gradients. The Hessian is estimated at every point from the factor at hand:
 * 2 AI - F + second-order terms, with the average information AI of the data and the Fisher information F and traces
 * from data simulated at theta [Gilmour1995], corrected by secants, since its sampling error hardly changes from point
 * to point. Directions in which it is not positive take the logarithmic mean of AI and F. Steps end at the bounds; a
 * trial point where a factorisation fails or a number is not finite shrinks the region. The Hessian at the end is
 * exact or made of differences of exact gradients (HessianDifferences); a saddle point is left along its steepest way
 * down.
 *
 * @param resume_from   a state of an earlier attempt on the same model and options, or null
 * @param on_iteration  called with the complete state after every iteration, from the calling thread
 * @throws InvalidModel, Interrupted
 * @throws NotPositiveDefinite  when the start, or every step down to the smallest region, cannot be factorised, or the
 *                              Hessian at the end is not positive definite
 */
[[nodiscard]] FitResult fit(const PreparedModel& model, const FitOptions& options, const OptimizerState* resume_from,
                            const std::function<void(const OptimizerState&)>& on_iteration,
                            const CancellationToken* cancellation = nullptr);

/** What a fit on a coarser mesh gives to the one on the fine mesh. */
struct MultilevelStart {
  FitOptions options;  ///< for the fine fit: start, curvature and first radius
  bool is_used = false;
  std::string reason;  ///< why the coarse mode is the start, or why not
  int coarse_evaluations = 0;
  double coarse_seconds = 0.0;
};

/**
 * Fits the same data on a coarser mesh and starts the fine fit at its mode with its Hessian and a small first radius,
 * provided the coarse mesh still resolves the field: edge length at most range / 5 for every process at the coarse
 * mode. Otherwise the options come back as given.
 *
 * @param coarse   of the same layout of theta
 * @param options  of the fine fit; the coarse fit starts at the same theta
 * @throws as fit()
 */
[[nodiscard]] MultilevelStart multilevel_start(const PreparedModel& coarse, const FitOptions& options,
                                               const CancellationToken* cancellation = nullptr);

}  // namespace tramontana

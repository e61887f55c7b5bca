// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tramontana/engine.hpp"

namespace tramontana {

enum class HessianDifferences {
  forward,  ///< d extra gradients, relative error about 1e-4
  central,  ///< 2 d extra gradients, relative error about 1e-7
};

struct FitOptions {
  std::vector<double> initial_theta;
  /** The search stops when |gradient|_inf is below this. */
  double gradient_tolerance = 1e-3;
  /** Trial steps, accepted or not, before the search gives up. */
  int max_iterations = 100;
  bool compute_hessian = true;
  HessianDifferences hessian_differences = HessianDifferences::forward;
  /** First radius of the trust region, in units of theta (mostly log units). */
  double initial_trust_radius = 1.0;
  EvaluationOptions evaluation;

  /** @throws InvalidModel naming the option */
  void validate(std::size_t theta_size) const;
};

struct IterationRecord {
  int iteration = 0;
  bool accepted = false;
  double objective = 0.0;
  double gradient_norm = 0.0;  ///< infinity norm
  double trust_radius = 0.0;
  int evaluations = 0;
  std::vector<double> theta;
};

enum class FitPhase { search, hessian, done };

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
  std::vector<double> gradient;
  std::vector<double> curvature;  ///< row-major d x d
  double trust_radius = 0.0;
  std::vector<std::vector<double>> hessian_columns;
  std::string stop_reason;
  bool converged = false;
  std::vector<IterationRecord> trace;
};

struct FitResult {
  OptimizerState state;  ///< phase done
  double gradient_norm = 0.0;
  std::vector<double> hessian;           ///< row-major; empty without compute_hessian
  std::vector<double> theta_covariance;  ///< its inverse
  Evaluation evaluation;                 ///< at the mode
  double seconds = 0.0;
};

/**
 * Finds the mode of log p(theta | y) and its curvature.
 *
 * Trust-region Newton steps on exact gradients. The curvature model is M = (AI + F)/2 plus that of the priors, with the
 * average information AI of the data [Gilmour1995] and the Fisher information F estimated on one data set simulated at
 * theta, both positive semi-definite. A trial point where a factorisation fails shrinks the region; the Hessian at the
 * end is made of differences of exact gradients.
 *
 * @param resume_from   a state of an earlier attempt on the same model and options, or null
 * @param on_iteration  called with the complete state after every iteration, from the calling thread
 * @throws InvalidModel, Interrupted
 * @throws NotPositiveDefinite  when the start, or every step down to the smallest region, cannot be factorised
 */
[[nodiscard]] FitResult fit(const PreparedModel& model, const FitOptions& options, const OptimizerState* resume_from,
                            const std::function<void(const OptimizerState&)>& on_iteration,
                            const CancellationToken* cancellation = nullptr);

}  // namespace tramontana

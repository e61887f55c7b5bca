// SPDX-License-Identifier: Apache-2.0
#include "tramontana/fit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

#include "inference/curvature.hpp"
#include "inference/posterior.hpp"
#include "inference/trust_region.hpp"
#include "matrix/block_memory.hpp"

namespace tramontana {
namespace {

/** Seed of the simulated data of the curvature model: fixed, so that a fit is reproducible. */
constexpr std::uint64_t simulation_seed = 20240229;
/** Below this radius a failing factorisation is a property of the model, not of the step. */
constexpr double smallest_radius = 1e-6;
constexpr double largest_radius = 4.0;
/** Steps of the gradient differences: the truncation error h f''' against the rounding of the gradient over h. */
constexpr double forward_step = 2e-4;
constexpr double central_step = 2e-3;

/** Steps shorter than this (in units of theta) leave the curvature model to the secants. */
constexpr double short_step = 0.25;

double infinity_norm(std::span<const double> values) {
  double norm = 0.0;
  for (const double value : values) norm = std::max(norm, std::abs(value));
  return norm;
}

double two_norm(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

/**
 * BFGS update B - B s s'B / s'Bs + y y' / y's: the smallest change that makes B s = y. Skipped when y's is not clearly
 * positive, so that B stays positive definite.
 */
void update_by_secant(std::vector<double>& curvature, std::span<const double> step, std::span<const double> change) {
  const std::size_t d = step.size();
  std::vector<double> product(d, 0.0);
  double step_product = 0.0;
  double step_change = 0.0;
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) product[i] += curvature[i * d + j] * step[j];
    step_product += step[i] * product[i];
    step_change += step[i] * change[i];
  }
  if (!(step_product > 0.0) || !(step_change > 0.1 * step_product)) return;
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      curvature[i * d + j] += change[i] * change[j] / step_change - product[i] * product[j] / step_product;
    }
  }
}

/** The search as a machine whose state is the OptimizerState and nothing else. */
class Search {
 public:
  Search(const PreparedModel& model, const FitOptions& options, OptimizerState state,
         const std::function<void(const OptimizerState&)>& on_iteration, const CancellationToken* cancellation)
      : model_(model),
        options_(options),
        state_(std::move(state)),
        on_iteration_(on_iteration),
        cancellation_(cancellation) {}

  OptimizerState run() {
    if (state_.evaluations == 0) start();
    while (state_.phase == FitPhase::search) iterate();
    while (state_.phase == FitPhase::hessian) add_hessian_column();
    return std::move(state_);
  }

 private:
  [[nodiscard]] Posterior posterior_at(std::span<const double> theta) {
    ++state_.evaluations;
    return Posterior(model_, theta, options_.evaluation, cancellation_);
  }

  void report(bool accepted) {
    state_.trace.push_back({state_.iteration, accepted, state_.objective, infinity_norm(state_.gradient),
                            state_.trust_radius, state_.evaluations, state_.theta});
    if (on_iteration_) on_iteration_(state_);
  }

  /** Takes over a point, with its gradient. */
  void move_to(const Posterior& posterior, std::vector<double> gradient) {
    state_.theta = posterior.theta();
    state_.objective = posterior.objective();
    state_.gradient = std::move(gradient);
  }

  /**
   * Takes over a trial point. The curvature is modelled afresh after a long step; after a short one the last model is
   * kept, for then what is wrong with it is the scatter of the information of one data set, which secants remove and a
   * new model of the same data repeats. Either way the last step corrects it.
   */
  void accept(const Posterior& posterior, std::vector<double> gradient, const TrustRegionStep& step) {
    std::vector<double> change(gradient);
    for (std::size_t i = 0; i < change.size(); ++i) change[i] -= state_.gradient[i];
    move_to(posterior, std::move(gradient));
    if (step.length > short_step) state_.curvature = curvature_model(posterior, simulation_seed);
    update_by_secant(state_.curvature, step.step, change);
  }

  void start() {
    state_.trust_radius = options_.initial_trust_radius;
    const auto posterior = posterior_at(options_.initial_theta);
    move_to(posterior, objective_gradient(posterior, {}, nullptr));
    state_.curvature = curvature_model(posterior, simulation_seed);
    check_convergence();
    report(true);
  }

  void finish_search(const std::string& reason, bool converged) {
    state_.stop_reason = reason;
    state_.converged = converged;
    state_.phase = options_.compute_hessian ? FitPhase::hessian : FitPhase::done;
  }

  void check_convergence() {
    if (infinity_norm(state_.gradient) < options_.gradient_tolerance) {
      finish_search("the gradient is below its tolerance", true);
    } else if (state_.iteration >= options_.max_iterations) {
      finish_search("the maximum number of iterations is reached", false);
    }
  }

  void iterate() {
    ++state_.iteration;
    const auto step = trust_region_step(model_.backend(), state_.gradient, state_.curvature, state_.trust_radius);
    std::vector<double> trial(state_.theta);
    for (std::size_t i = 0; i < trial.size(); ++i) trial[i] += step.step[i];
    bool accepted = false;
    try {
      accepted = try_point(trial, step);
    } catch (const NotPositiveDefinite&) {
      // A theta that cannot be factorised is a bad step; only when no step is small enough is it the model's fault.
      if (state_.trust_radius <= smallest_radius) throw;
      state_.trust_radius = 0.25 * std::min(state_.trust_radius, step.length);
    }
    check_convergence();
    if (state_.phase == FitPhase::search && state_.trust_radius < smallest_radius) {
      finish_search("no smaller step improves the objective", false);
    }
    report(accepted);
  }

  bool try_point(std::span<const double> trial, const TrustRegionStep& step) {
    const auto posterior = posterior_at(trial);
    const double reduction = state_.objective - posterior.objective();
    // Differences of objectives near their rounding say nothing; there the gradient decides, which keeps its digits.
    const double resolution = 2e-11 * (1.0 + std::abs(state_.objective));
    if (step.predicted_reduction < resolution) {
      auto gradient = objective_gradient(posterior, {}, nullptr);
      if (two_norm(gradient) < two_norm(state_.gradient)) {
        accept(posterior, std::move(gradient), step);
        state_.trust_radius = std::max(state_.trust_radius, 4.0 * step.length);
        return true;
      }
      state_.trust_radius = 0.25 * step.length;
      return false;
    }
    const double ratio = reduction / step.predicted_reduction;
    if (!(ratio > 1e-3)) {
      state_.trust_radius = 0.25 * step.length;
      return false;
    }
    accept(posterior, objective_gradient(posterior, {}, nullptr), step);
    if (ratio < 0.25) {
      state_.trust_radius = 0.5 * step.length;
    } else if (ratio > 0.7 && step.length > 0.8 * state_.trust_radius) {
      state_.trust_radius = std::min(2.0 * state_.trust_radius, largest_radius);
    }
    return true;
  }

  [[nodiscard]] std::vector<double> gradient_at(std::span<const double> theta) {
    const auto posterior = posterior_at(theta);
    return objective_gradient(posterior, {}, nullptr);
  }

  /** One column of gradient differences; the mode itself is never overwritten. */
  void add_hessian_column() {
    const std::size_t d = state_.theta.size();
    const std::size_t index = state_.hessian_columns.size();
    if (index == d) {
      state_.phase = FitPhase::done;
      return;
    }
    std::vector<double> shifted = state_.theta;
    std::vector<double> column;
    if (options_.hessian_differences == HessianDifferences::central) {
      shifted[index] = state_.theta[index] + central_step;
      column = gradient_at(shifted);
      shifted[index] = state_.theta[index] - central_step;
      const auto below = gradient_at(shifted);
      for (std::size_t i = 0; i < d; ++i) column[i] = (column[i] - below[i]) / (2.0 * central_step);
    } else {
      shifted[index] = state_.theta[index] + forward_step;
      column = gradient_at(shifted);
      for (std::size_t i = 0; i < d; ++i) column[i] = (column[i] - state_.gradient[i]) / forward_step;
    }
    state_.hessian_columns.push_back(std::move(column));
    if (state_.hessian_columns.size() == d) state_.phase = FitPhase::done;
    if (on_iteration_) on_iteration_(state_);
  }

  const PreparedModel& model_;
  const FitOptions& options_;
  OptimizerState state_;
  const std::function<void(const OptimizerState&)>& on_iteration_;
  const CancellationToken* cancellation_;
};

void check_state(const OptimizerState& state, std::size_t d) {
  const auto check = [](bool holds, const std::string& what) {
    if (!holds) throw InvalidModel("The optimiser state to resume from is not of this model: " + what + ".");
  };
  check(state.theta.size() == d,
        "theta must have " + std::to_string(d) + " components, found " + std::to_string(state.theta.size()));
  check(state.gradient.size() == d, "the gradient must have as many components as theta");
  check(state.curvature.size() == d * d, "the curvature must be square of the size of theta");
  check(state.hessian_columns.size() <= d, "more Hessian columns than components of theta");
  for (const auto& column : state.hessian_columns) check(column.size() == d, "a Hessian column of another length");
  check(state.evaluations > 0 && state.trust_radius > 0.0, "it holds no completed iteration");
  for (const double value : state.theta) check(std::isfinite(value), "theta must be finite");
}

}  // namespace

void FitOptions::validate(std::size_t theta_size) const {
  const auto check = [](bool holds, const std::string& message) {
    if (!holds) throw InvalidModel(message);
  };
  check(initial_theta.size() == theta_size, "initialTheta must have " + std::to_string(theta_size) +
                                                " components, found " + std::to_string(initial_theta.size()) + ".");
  check(gradient_tolerance > 0.0 && std::isfinite(gradient_tolerance),
        "gradientTolerance must be positive, found " + std::to_string(gradient_tolerance) + ".");
  check(max_iterations >= 0, "maxIterations must be at least 0, found " + std::to_string(max_iterations) + ".");
  check(initial_trust_radius > 0.0 && std::isfinite(initial_trust_radius),
        "initialTrustRadius must be positive, found " + std::to_string(initial_trust_radius) + ".");
}

FitResult fit(const PreparedModel& model, const FitOptions& options, const OptimizerState* resume_from,
              const std::function<void(const OptimizerState&)>& on_iteration, const CancellationToken* cancellation) {
  const auto start = std::chrono::steady_clock::now();
  const std::size_t d = model.layout().size();
  const KeepBlocks keep_blocks;
  options.validate(d);
  OptimizerState state;
  if (resume_from != nullptr) {
    check_state(*resume_from, d);
    state = *resume_from;
  }
  FitResult result;
  result.state = Search(model, options, std::move(state), on_iteration, cancellation).run();
  result.gradient_norm = infinity_norm(result.state.gradient);
  if (result.state.hessian_columns.size() == d) {
    result.hessian.resize(d * d);
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) {
        result.hessian[i * d + j] = 0.5 * (result.state.hessian_columns[i][j] + result.state.hessian_columns[j][i]);
      }
    }
    result.theta_covariance = symmetric_inverse(model.backend(), result.hessian, "Hessian at the mode");
  }
  result.evaluation = evaluate(model, result.state.theta, options.evaluation, cancellation);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/fit.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "inference/optimiser/posterior_target.hpp"
#include "inference/optimiser/search.hpp"
#include "inference/optimiser/search_optimum.hpp"
#include "inference/posterior/evaluation.hpp"
#include "inference/posterior/finite.hpp"
#include "inference/posterior/shared_evaluations.hpp"
#include "matrix/block_memory.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

void require(bool holds, const std::string& message) {
  if (!holds) throw InvalidModel(message);
}

void check_state(const OptimizerState& state, const ThetaBox& box, const FitOptions& options) {
  const std::size_t d = box.lower().size();
  const auto check = [](bool holds, const std::string& what) {
    require(holds, "The optimiser state to resume from is not of this model: " + what + ".");
  };
  const auto check_count = [&](int value, int most, const char* name) {
    check(value >= 0 && value <= most,
          std::string(name) + " must be from 0 to " + std::to_string(most) + ", found " + std::to_string(value));
  };
  check(state.theta.size() == d,
        "theta must have " + std::to_string(d) + " components, found " + std::to_string(state.theta.size()));
  check(state.gradient.size() == d, "the gradient must have as many components as theta");
  check(all_finite(state.theta) && all_finite(state.gradient) && std::isfinite(state.objective),
        "theta, objective and gradient must be finite");
  for (std::size_t i = 0; i < d; ++i) {
    check(state.theta[i] >= box.lower()[i] && state.theta[i] <= box.upper()[i],
          "theta[" + std::to_string(i) + "] must be within its bounds " + std::to_string(box.lower()[i]) + " and " +
              std::to_string(box.upper()[i]) + ", found " + std::to_string(state.theta[i]));
  }
  for (const auto& step : state.trace) {
    check(step.theta.size() == d && all_finite(step.theta) && std::isfinite(step.objective) &&
              std::isfinite(step.gradient_norm) && std::isfinite(step.trust_radius),
          "a step of its trace must be finite and of the length of theta");
  }
  for (const auto* matrix : {&state.curvature, &state.observed_curvature, &state.curvature_correction}) {
    check(matrix->size() == d * d && all_finite(*matrix),
          "the curvature must be finite and square of the size of theta");
  }
  check(state.hessian_columns.size() <= d, "more Hessian columns than components of theta");
  for (const auto& column : state.hessian_columns) {
    check(column.size() == d && all_finite(column), "a Hessian column must be finite and of the length of theta");
  }
  for (const auto& optimum : state.optima) {
    check(optimum.theta.size() == d && all_finite(optimum.theta),
          "an optimum must be finite and of the length of theta");
  }
  check(state.phase == FitPhase::search || !state.optima.empty(), "its search is over without an optimum");
  check(state.evaluations > 0 && state.trust_radius > 0.0 && std::isfinite(state.trust_radius),
        "it holds no completed iteration");
  check_count(state.iteration, std::numeric_limits<int>::max(), "iteration");
  check_count(state.search_start, state.iteration, "searchStart");
  check_count(state.search, options.num_restarts, "search");
  check_count(state.saddles_left, std::numeric_limits<int>::max(), "saddlesLeft");
}

/** The objective that a state tells, of the same threads or of others. */
constexpr double same_objective = 1e-6;

/** @throws InvalidModel unless the objective of the state is that of its theta: else its model is another */
void check_objective(const SearchTarget& target, const OptimizerState& state) {
  const double objective = target.at(state.theta)->objective();
  require(std::abs(objective - state.objective) <= same_objective * (1.0 + std::abs(objective)),
          "The optimiser state to resume from is not of this model: its objective must be " +
              std::to_string(objective) + " at its theta, found " + std::to_string(state.objective) + ".");
}

/** @throws NotPositiveDefinite that tells where and why the search ended: a point that is no mode has no covariance */
std::vector<double> covariance_of(const Backend& backend, const std::vector<double>& hessian,
                                  const std::vector<bool>& held, const OptimizerState& state) {
  try {
    return symmetric_inverse(backend, hessian, held, "Hessian where the search ended");
  } catch (const NotPositiveDefinite& error) {
    auto facts = error.facts();
    facts.emplace_back("theta", state.theta);
    facts.emplace_back("stopReason", state.stop_reason);
    throw NotPositiveDefinite(
        std::string(error.what()) +
            " Priors and data may not determine theta. Why the search ended: " + state.stop_reason + ".",
        std::move(facts));
  }
}

void check_bounds(const std::vector<double>& bounds, const char* name, std::size_t theta_size) {
  require(bounds.empty() || bounds.size() == theta_size, std::string(name) + " must be empty or have " +
                                                             std::to_string(theta_size) + " components, found " +
                                                             std::to_string(bounds.size()) + ".");
  for (const double bound : bounds) {
    require(!std::isnan(bound), std::string(name) + " must be numbers, found NaN.");
  }
}

}  // namespace

void FitOptions::validate(std::size_t theta_size) const {
  require(initial_theta.size() == theta_size, "initialTheta must have " + std::to_string(theta_size) +
                                                  " components, found " + std::to_string(initial_theta.size()) + ".");
  for (std::size_t i = 0; i < theta_size; ++i) {
    require(std::isfinite(initial_theta[i]),
            "initialTheta[" + std::to_string(i) + "] must be finite, found " + std::to_string(initial_theta[i]) + ".");
  }
  require(gradient_tolerance > 0.0 && std::isfinite(gradient_tolerance),
          "gradientTolerance must be positive, found " + std::to_string(gradient_tolerance) + ".");
  require(maximum_iterations >= 0,
          "maximumIterations must be at least 0, found " + std::to_string(maximum_iterations) + ".");
  require(initial_trust_radius > 0.0 && std::isfinite(initial_trust_radius),
          "initialTrustRadius must be positive, found " + std::to_string(initial_trust_radius) + ".");
  require(num_restarts >= 0, "numRestarts must be at least 0, found " + std::to_string(num_restarts) + ".");
  require(restart_spread > 0.0 && std::isfinite(restart_spread),
          "restartSpread must be positive, found " + std::to_string(restart_spread) + ".");
  require(initial_curvature.empty() || initial_curvature.size() == theta_size * theta_size,
          "initialCurvature must be empty or have " + std::to_string(theta_size * theta_size) + " entries, found " +
              std::to_string(initial_curvature.size()) + ".");
  for (const double entry : initial_curvature) require(std::isfinite(entry), "initialCurvature must be finite.");
  for (std::size_t k = 0; k < initial_curvature.size(); ++k) {
    const std::size_t mirrored = k % theta_size * theta_size + k / theta_size;
    const double size = std::abs(initial_curvature[k]) + std::abs(initial_curvature[mirrored]);
    require(std::abs(initial_curvature[k] - initial_curvature[mirrored]) <= 1e-6 * size,
            "initialCurvature must be symmetric, found " + std::to_string(initial_curvature[k]) + " and " +
                std::to_string(initial_curvature[mirrored]) + " at " + std::to_string(k) + " and " +
                std::to_string(mirrored) + ".");
  }
  check_bounds(lower_bounds, "lowerBounds", theta_size);
  check_bounds(upper_bounds, "upperBounds", theta_size);
  for (std::size_t i = 0; i < std::min(lower_bounds.size(), upper_bounds.size()); ++i) {
    require(lower_bounds[i] < upper_bounds[i], "lowerBounds[" + std::to_string(i) + "] must be below upperBounds[" +
                                                   std::to_string(i) + "], found " + std::to_string(lower_bounds[i]) +
                                                   " and " + std::to_string(upper_bounds[i]) + ".");
  }
}

Optimum search_optimum(const SearchTarget& target, const ThetaBox& box, const FitOptions& options,
                       const OptimizerState* resume_from,
                       const std::function<void(const OptimizerState&)>& on_iteration) {
  const std::size_t d = box.lower().size();
  OptimizerState state;
  if (resume_from != nullptr) {
    check_state(*resume_from, box, options);
    check_objective(target, *resume_from);
    state = *resume_from;
  }
  Optimum optimum;
  auto& result = optimum.result;
  Search search(target, options, box, std::move(state), on_iteration);
  result.state = search.run();
  optimum.point = search.take_point();
  optimum.hessian_is_exact = search.hessian_is_exact();
  const auto& theta = result.state.theta;
  result.gradient_norm = box.free_norm(theta, result.state.gradient);
  result.active_bounds = box.active(theta, result.state.gradient);
  for (const auto& optimum : result.state.optima) {
    if (optimum.theta != theta) result.other_optima.push_back(optimum);
  }
  if (result.state.hessian_columns.size() == d) {
    result.hessian = symmetric_hessian(result.state.hessian_columns);
    result.theta_covariance =
        covariance_of(target.backend(), result.hessian, box.held(theta, result.state.gradient), result.state);
  }
  return optimum;
}

FitResult fit(const PreparedModel& model, const FitOptions& options, const OptimizerState* resume_from,
              const std::function<void(const OptimizerState&)>& on_iteration, const CancellationToken* cancellation) {
  const auto start = std::chrono::steady_clock::now();
  const KeepBlocks keep_blocks;
  options.validate(model.layout().size());
  const PosteriorTarget target(model, options.evaluation, cancellation);
  auto [found, point, hessian_is_exact] =
      search_optimum(target, ThetaBox(model, options), options, resume_from, on_iteration);
  FitResult result{std::move(found), {}};
  result.evaluation = point ? evaluation_of(*point->posterior(), options.evaluation)
                            : evaluate(model, result.state.theta, options.evaluation, cancellation);
  const std::size_t num_differences = hessian_is_exact ? 0 : model.layout().size();
  const auto shared = rank_summary(model, result.state.theta, num_differences, options.evaluation);
  if (!shared.empty()) result.evaluation.recursion += "; " + shared;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace tramontana

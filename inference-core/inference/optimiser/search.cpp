// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/search.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "inference/posterior/finite.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

constexpr double largest_radius = 4.0;
/** Steps up to this length (in units of theta) teach the curvature correction; longer ones see higher derivatives. */
constexpr double longest_secant = 0.5;
/**
 * Smallest curvature of the model relative to the information: far from the mode, where the Hessian holds for a short
 * way only, and near it. In between it is the length of the last step: a search that ends on a ridge, whose curvature
 * may be a tenth of the information, would otherwise halve its distance with every step instead of squaring it.
 */
constexpr double largest_curvature_share = 0.5;
constexpr double smallest_curvature_share = 0.05;
/**
 * A Hessian known beforehand is believed where it differs from the estimate by less than this, relative to the
 * information: that is the sampling error. What differs more is the Hessian of another point or of other data.
 */
constexpr double largest_known_difference = 0.2;

double two_norm(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

/** Differences of objectives below this say nothing: the sums that make them round at about it. */
double rounding_of(double objective) { return 2e-11 * (1.0 + std::abs(objective)); }

/**
 * Least change in the metric of M, v = M s, that makes the symmetric E satisfy E s = r + E s: the residual of the
 * secant, kept out of all other directions [Nocedal2006, section 6.1, with a residual for the gradient change].
 */
void learn_from_secant(std::vector<double>& correction, std::span<const double> residual, std::span<const double> step,
                       std::span<const double> metric) {
  const std::size_t d = step.size();
  std::vector<double> v(d, 0.0);
  double length = 0.0;
  double along = 0.0;
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) v[i] += metric[i * d + j] * step[j];
    length += v[i] * step[i];
    along += residual[i] * step[i];
  }
  if (!(length > 0.0)) return;
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      correction[i * d + j] +=
          (residual[i] * v[j] + v[i] * residual[j]) / length - along * v[i] * v[j] / (length * length);
    }
  }
}

}  // namespace

std::vector<double> free_gradient(const ThetaBox& box, const SearchPoint& point) {
  auto gradient = point.gradient();
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    if (box.is_fixed(i)) gradient[i] = 0.0;
  }
  return gradient;
}

Search::Search(const SearchTarget& target, const FitOptions& options, const ThetaBox& box, OptimizerState state,
               const std::function<void(const OptimizerState&)>& on_iteration)
    : target_(target), options_(options), box_(box), state_(std::move(state)), on_iteration_(on_iteration) {}

OptimizerState Search::run() {
  if (state_.evaluations == 0) {
    begin(box_.start(), options_.initial_trust_radius);
    check_convergence();
    report(true);
  }
  while (state_.phase != FitPhase::done) {
    if (state_.phase == FitPhase::search) {
      iterate();
    } else {
      add_hessian_columns();
    }
  }
  return std::move(state_);
}

std::unique_ptr<SearchPoint> Search::point_at(std::span<const double> theta) {
  here_.reset();
  ++state_.evaluations;
  return target_.at(theta);
}

void Search::report(bool accepted) {
  state_.trace.push_back({state_.iteration, accepted, state_.objective, box_.free_norm(state_.theta, state_.gradient),
                          state_.trust_radius, state_.evaluations, state_.theta});
  if (on_iteration_) on_iteration_(state_);
}

void Search::model_curvature(const CurvatureEstimate& estimate, double last_step_length) {
  const std::size_t d = state_.theta.size();
  state_.observed_curvature = estimate.observed;
  std::vector<double> corrected(estimate.observed);
  for (std::size_t i = 0; i < d * d; ++i) corrected[i] += state_.curvature_correction[i];
  std::vector<bool> fixed(d);
  for (std::size_t i = 0; i < d; ++i) fixed[i] = box_.is_fixed(i);
  const double share = std::clamp(last_step_length, smallest_curvature_share, largest_curvature_share);
  state_.curvature = bounded_curvature(target_.backend(), corrected, estimate.positive, share, fixed);
}

void Search::begin(std::span<const double> theta, double radius) {
  auto point = point_at(theta);
  auto gradient = gradient_of(*point);
  const auto estimate = point->curvature();
  if (!std::isfinite(point->objective()) || !all_finite(gradient) || !all_finite(estimate.observed)) {
    throw NotPositiveDefinite(
        "The objective or its derivatives are not finite at the start of a search.",
        {{"theta", std::vector<double>(theta.begin(), theta.end())}, {"objective", point->objective()}});
  }
  const std::size_t d = theta.size();
  state_.theta.assign(theta.begin(), theta.end());
  state_.objective = point->objective();
  state_.gradient = std::move(gradient);
  state_.trust_radius = radius;
  state_.at_rounding = false;
  state_.search_start = state_.iteration;
  state_.curvature_correction.assign(d * d, 0.0);
  if (state_.iteration == 0 && !options_.initial_curvature.empty()) {
    std::vector<double> difference(options_.initial_curvature);
    std::vector<bool> fixed(d);
    for (std::size_t i = 0; i < d; ++i) fixed[i] = box_.is_fixed(i);
    for (std::size_t i = 0; i < d * d; ++i) difference[i] -= estimate.observed[i];
    if (relative_size(target_.backend(), difference, estimate.positive, fixed) < largest_known_difference) {
      state_.curvature_correction = std::move(difference);
    }
  }
  model_curvature(estimate, radius);
  here_ = std::move(point);
}

void Search::accept(std::span<const double> theta, std::unique_ptr<SearchPoint> point, std::vector<double> gradient,
                    const TrustRegionStep& step) {
  const auto estimate = point->curvature();
  const std::size_t d = step.step.size();
  if (step.length < longest_secant) {
    // The mean of both ends integrates the estimate over the step; what is left is its error.
    std::vector<double> residual(d);
    for (std::size_t i = 0; i < d; ++i) {
      residual[i] = gradient[i] - state_.gradient[i];
      for (std::size_t j = 0; j < d; ++j) {
        residual[i] -= (0.5 * (state_.observed_curvature[i * d + j] + estimate.observed[i * d + j]) +
                        state_.curvature_correction[i * d + j]) *
                       step.step[j];
      }
      if (box_.is_fixed(i)) residual[i] = 0.0;
    }
    learn_from_secant(state_.curvature_correction, residual, step.step, estimate.positive);
  }
  state_.theta.assign(theta.begin(), theta.end());
  state_.objective = point->objective();
  state_.gradient = std::move(gradient);
  model_curvature(estimate, step.length);
  here_ = std::move(point);
}

void Search::iterate() {
  ++state_.iteration;
  StepBounds bounds{box_.lower(), box_.upper()};
  for (std::size_t i = 0; i < state_.theta.size(); ++i) {
    bounds.lower[i] -= state_.theta[i];
    bounds.upper[i] -= state_.theta[i];
  }
  const auto step = trust_region_step(target_.backend(), state_.gradient, state_.curvature, state_.trust_radius, bounds,
                                      box_.held(state_.theta, state_.gradient));
  std::vector<double> trial(state_.theta);
  for (std::size_t i = 0; i < trial.size(); ++i) trial[i] += step.step[i];
  box_.clamp(trial);
  auto outcome = Outcome::rejected;
  const auto shrink = [&] { state_.trust_radius = 0.25 * std::min(state_.trust_radius, step.length); };
  try {
    outcome = try_point(trial, step);
  } catch (const NotPositiveDefinite&) {
    // A theta that cannot be factorised is a bad step; only when no step is small enough is it the model's fault.
    if (state_.trust_radius <= smallest_radius) throw;
    shrink();
  } catch (const InnerModeNotFound&) {
    if (state_.trust_radius <= smallest_radius) throw;
    shrink();
  }
  check_convergence();
  report(outcome == Outcome::accepted);
}

Search::Outcome Search::try_point(std::span<const double> trial, const TrustRegionStep& step) {
  auto point = point_at(trial);
  const double reduction = state_.objective - point->objective();
  state_.at_rounding = step.predicted_reduction < rounding_of(state_.objective);
  if (state_.at_rounding) {
    // Here the gradient decides, which keeps its digits.
    auto gradient = gradient_of(*point);
    if (all_finite(gradient) && two_norm(gradient) < two_norm(state_.gradient)) {
      accept(trial, std::move(point), std::move(gradient), step);
      state_.trust_radius = std::max(state_.trust_radius, 4.0 * step.length);
      return Outcome::accepted;
    }
    state_.trust_radius = 0.25 * step.length;
    return Outcome::rejected;
  }
  const double ratio = reduction / step.predicted_reduction;
  if (!(ratio > 1e-3)) {
    // The minimum along the step of the parabola through both objectives and the slope.
    double slope = 0.0;
    for (std::size_t i = 0; i < trial.size(); ++i) slope += step.step[i] * state_.gradient[i];
    const double minimum = 0.5 * slope / (slope + reduction);
    state_.trust_radius = step.length * (std::isfinite(minimum) ? std::clamp(minimum, 0.1, 0.5) : 0.1);
    return Outcome::rejected;
  }
  auto gradient = gradient_of(*point);
  if (!all_finite(gradient)) {
    state_.trust_radius = 0.25 * step.length;
    return Outcome::rejected;
  }
  accept(trial, std::move(point), std::move(gradient), step);
  if (ratio < 0.25) {
    state_.trust_radius = 0.5 * step.length;
  } else if (ratio > 0.7 && step.length > 0.8 * state_.trust_radius) {
    state_.trust_radius = std::max(state_.trust_radius, std::min(2.0 * state_.trust_radius, largest_radius));
  }
  return Outcome::accepted;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "inference/optimiser/search.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

/** Steps of the gradient differences: the truncation error against the rounding of the gradient over the step. */
constexpr double forward_step = 2e-4;
constexpr double corrected_step = 5e-5;
constexpr double central_step = 2e-3;
constexpr double fourth_step = 1e-2;

/** A relative error of the posterior that short steps would raise above 1e-4 of the Hessian: wide ones serve. */
constexpr double largest_short_step_error = 1e-10;
/** Steps are not shortened below this share. */
constexpr double smallest_step_share = 1.0 / 64.0;

/** A negative eigenvalue below this share of the largest is the error of the differences. */
constexpr double saddle_share = 1e-6;
constexpr int most_saddles = 3;

/** Columns of the Hessian at the end of a search, by differences of exact gradients. */
class GradientDifferences {
 public:
  GradientDifferences(const SearchTarget& target, const FitOptions& options, const ThetaBox& box,
                      const OptimizerState& state)
      : target_(target), options_(options), box_(box), state_(state) {}

  [[nodiscard]] std::vector<double> column(std::size_t index) {
    // A point that cannot be evaluated is a bad step: half of it, to the other side.
    for (double share = 1.0;; share *= -0.5) {
      try {
        return differences(index, share);
      } catch (const NotPositiveDefinite&) {
        if (std::abs(share) < smallest_step_share) throw;
      } catch (const InnerModeNotFound&) {
        if (std::abs(share) < smallest_step_share) throw;
      }
    }
  }

  /** Points that were evaluated. */
  [[nodiscard]] int num_evaluations() const { return num_evaluations_; }

 private:
  /** By gradients at `share` of the usual distances. */
  [[nodiscard]] std::vector<double> differences(std::size_t index, double share) {
    auto way = options_.hessian_differences;
    if (way == HessianDifferences::automatic) {
      way = target_.has_faithful_curvature() ? HessianDifferences::corrected : HessianDifferences::central;
    }
    const std::size_t d = state_.theta.size();
    std::vector<double> column(d, 0.0);
    const auto add_gradient = [&](double shift, double weight) {
      auto shifted = state_.theta;
      shifted[index] += shift;
      const auto gradient = free_gradient(box_, *point_at(shifted));
      for (std::size_t i = 0; i < d; ++i) column[i] += weight * gradient[i];
    };
    const auto fourth_order = [&] {
      const double step = share * fourth_step;
      add_gradient(step, 2.0 / (3.0 * step));
      add_gradient(-step, -2.0 / (3.0 * step));
      add_gradient(2.0 * step, -1.0 / (12.0 * step));
      add_gradient(-2.0 * step, 1.0 / (12.0 * step));
      return column;
    };
    if (way == HessianDifferences::central) {
      const double step = share * central_step;
      add_gradient(step, 0.5 / step);
      add_gradient(-step, -0.5 / step);
      return column;
    }
    if (way == HessianDifferences::fourth) return fourth_order();
    const bool is_corrected = way == HessianDifferences::corrected;
    const double step = share * (is_corrected ? corrected_step : forward_step);
    auto shifted = state_.theta;
    shifted[index] += step;
    const auto point = point_at(shifted);
    const bool is_automatic = options_.hessian_differences == HessianDifferences::automatic;
    if (is_automatic && point->rounding_error() > largest_short_step_error) return fourth_order();
    const auto gradient = free_gradient(box_, *point);
    for (std::size_t i = 0; i < d; ++i) column[i] = (gradient[i] - state_.gradient[i]) / step;
    if (!is_corrected) return column;
    // The difference is the mean of the Hessian over the step; half of its change brings it back to the start.
    const auto estimate = point->curvature();
    for (std::size_t i = 0; i < d; ++i) {
      if (box_.is_fixed(i)) continue;
      column[i] -= 0.5 * (estimate.observed[i * d + index] - state_.observed_curvature[i * d + index]);
    }
    return column;
  }

  [[nodiscard]] std::unique_ptr<SearchPoint> point_at(std::span<const double> theta) {
    ++num_evaluations_;
    return target_.at(theta);
  }

  const SearchTarget& target_;
  const FitOptions& options_;
  const ThetaBox& box_;
  const OptimizerState& state_;
  int num_evaluations_ = 0;
};

}  // namespace

std::vector<double> symmetric_hessian(const std::vector<std::vector<double>>& columns) {
  const std::size_t d = columns.size();
  std::vector<double> hessian(d * d);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) hessian[i * d + j] = 0.5 * (columns[i][j] + columns[j][i]);
  }
  return hessian;
}

bool Search::add_exact_columns(const std::vector<bool>& held) {
  const bool is_asked_for = options_.hessian_differences == HessianDifferences::exact;
  if (!is_asked_for && options_.hessian_differences != HessianDifferences::automatic) return false;
  std::optional<std::vector<double>> hessian;
  try {
    hessian = target_.exact_hessian(state_.theta, here_,
                                    is_asked_for ? SearchTarget::HessianCost::any : SearchTarget::HessianCost::least);
  } catch (const NotPositiveDefinite&) {
    // A mode at the edge of what can be factorised: differences step aside.
    if (is_asked_for) throw;
  }
  if (!hessian && is_asked_for) {
    throw InvalidModel("hessianDifferences: exact is for models on a mesh. Leave it out.");
  }
  hessian_is_exact_ = hessian.has_value();
  if (!hessian) return false;
  ++state_.evaluations;
  const std::size_t d = state_.theta.size();
  for (std::size_t j = 0; j < d; ++j) {
    std::vector<double> column(d, 0.0);
    for (std::size_t i = 0; i < d; ++i) {
      if (!held[i] && !held[j]) column[i] = (*hessian)[i * d + j];
    }
    state_.hessian_columns.push_back(std::move(column));
  }
  return true;
}

void Search::add_hessian_columns() {
  const std::size_t d = state_.theta.size();
  const auto held = box_.held(state_.theta, state_.gradient);
  // Columns of differences are not taken for what was asked for.
  if (options_.hessian_differences == HessianDifferences::exact) state_.hessian_columns.clear();
  if (state_.hessian_columns.empty() && add_exact_columns(held)) {
    finish_hessian();
    if (on_iteration_) on_iteration_(state_);
    return;
  }
  here_.reset();
  const std::size_t known = state_.hessian_columns.size();
  const auto column = [&](std::size_t index, const SearchTarget& target) {
    if (held[index]) return std::vector<double>(d + 1, 0.0);
    GradientDifferences differences(target, options_, box_, state_);
    auto result = differences.column(index);
    for (std::size_t i = 0; i < d; ++i) {
      if (held[i]) result[i] = 0.0;
    }
    result.push_back(differences.num_evaluations());
    return result;
  };
  if (known < d) {
    for (auto& found : target_.run_some(state_.theta, known, d, column)) {
      state_.evaluations += static_cast<int>(found.back());
      found.pop_back();
      state_.hessian_columns.push_back(std::move(found));
    }
  }
  if (state_.hessian_columns.size() == d) finish_hessian();
  if (on_iteration_) on_iteration_(state_);
}

void Search::finish_hessian() {
  const auto lowest = lowest_curvature(target_.backend(), symmetric_hessian(state_.hessian_columns),
                                       box_.held(state_.theta, state_.gradient));
  state_.phase = FitPhase::done;
  if (!(lowest.smallest < -saddle_share * std::abs(lowest.largest))) return;
  if (state_.saddles_left < most_saddles && leave_saddle(lowest)) return;
  state_.converged = false;
  state_.stop_reason += "; the Hessian there is not positive definite";
}

bool Search::leave_saddle(const LowestCurvature& lowest) {
  for (const double length : {1.0, 0.5, 0.2, 0.05, 0.01}) {
    for (const double sign : {1.0, -1.0}) {
      std::vector<double> theta(state_.theta);
      for (std::size_t i = 0; i < theta.size(); ++i) theta[i] += sign * length * lowest.direction[i];
      box_.clamp(theta);
      try {
        if (!(point_at(theta)->objective() < state_.objective)) continue;
        begin(theta, length);
      } catch (const NotPositiveDefinite&) {
        continue;
      } catch (const InnerModeNotFound&) {
        continue;
      }
      ++state_.saddles_left;
      state_.optima.clear();
      state_.search = options_.num_restarts;
      state_.hessian_columns.clear();
      state_.stop_reason.clear();
      state_.converged = false;
      state_.phase = FitPhase::search;
      check_convergence();
      return true;
    }
  }
  return false;
}

}  // namespace tramontana

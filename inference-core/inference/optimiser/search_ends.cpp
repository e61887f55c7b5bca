// SPDX-License-Identifier: Apache-2.0
// Where a search ends, why, and what comes after it.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "inference/optimiser/search.hpp"
#include "kernels/random_normal.hpp"
#include "model/number_text.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

/** Two ends are one optimum when they are nearer than this in the metric of the curvature (0.1 posterior sd). */
constexpr double same_optimum_distance = 0.1;
/** Of the scattered starts: fixed, so that a fit is reproducible. */
constexpr std::uint64_t restart_seed = 20240229;

double quadratic_form(std::span<const double> matrix, std::span<const double> v) {
  double sum = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    for (std::size_t j = 0; j < v.size(); ++j) sum += v[i] * matrix[i * v.size() + j] * v[j];
  }
  return sum;
}

}  // namespace

std::string Search::described(const std::string& reason) const {
  std::string sentence = reason + "; |gradient| " + number_text(box_.free_norm(state_.theta, state_.gradient)) +
                         " (tolerance " + number_text(options_.gradient_tolerance) + "), " +
                         std::to_string(state_.evaluations) + " evaluations, trust radius " +
                         number_text(state_.trust_radius);
  if (state_.at_rounding) sentence += ", changes of the objective are below its rounding";
  const auto active = box_.active(state_.theta, state_.gradient);
  for (std::size_t i = 0; i < active.size(); ++i) sentence += (i == 0 ? "; at its bound: " : ", ") + active[i];
  if (state_.saddles_left > 0) sentence += "; left " + std::to_string(state_.saddles_left) + " saddle point(s)";
  return sentence;
}

void Search::check_convergence() {
  if (box_.free_norm(state_.theta, state_.gradient) < options_.gradient_tolerance) {
    finish_search("the gradient is below its tolerance", true);
  } else if (state_.iteration - state_.search_start >= options_.maximum_iterations) {
    finish_search("the maximum number of iterations is reached", false);
  } else if (state_.trust_radius < smallest_radius) {
    finish_search(state_.at_rounding ? "no smaller step improves the gradient, at the rounding of the objective"
                                     : "no smaller step improves the objective",
                  false);
  }
}

void Search::record_optimum() {
  for (auto& known : state_.optima) {
    std::vector<double> difference(state_.theta);
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= known.theta[i];
    if (quadratic_form(state_.curvature, difference) > same_optimum_distance * same_optimum_distance) continue;
    ++known.count;
    if (state_.converged && (!known.converged || state_.objective < known.objective)) {
      known = {state_.theta, state_.objective, true, known.count};
    }
    return;
  }
  state_.optima.push_back({state_.theta, state_.objective, state_.converged, 1});
}

void Search::finish_search(const std::string& reason, bool converged) {
  state_.converged = converged;
  state_.stop_reason = described(reason);
  record_optimum();
  while (state_.search < options_.num_restarts) {
    ++state_.search;
    RandomNormal normal(restart_seed + static_cast<std::uint64_t>(state_.search));
    std::vector<double> start(state_.optima.front().theta);
    for (auto& value : start) value += options_.restart_spread * normal();
    box_.clamp(start);
    try {
      begin(start, options_.initial_trust_radius);
      return;
    } catch (const NotPositiveDefinite&) {
      // A scattered start that cannot be factorised tells nothing about optima.
    } catch (const InnerModeNotFound&) {
    }
  }
  settle();
}

void Search::settle() {
  std::stable_sort(state_.optima.begin(), state_.optima.end(), [](const FoundOptimum& a, const FoundOptimum& b) {
    return a.converged != b.converged ? a.converged : a.objective < b.objective;
  });
  const auto& lowest = state_.optima.front();
  if (lowest.theta != state_.theta) {
    const bool converged = lowest.converged;
    begin(std::vector<double>(lowest.theta), options_.initial_trust_radius);
    state_.converged = converged;
    state_.stop_reason =
        described(converged ? "the gradient is below its tolerance" : "the lowest of the unfinished searches");
  }
  if (options_.num_restarts > 0) {
    state_.stop_reason += "; " + std::to_string(state_.search + 1) + " searches found " +
                          std::to_string(state_.optima.size()) +
                          (state_.optima.size() == 1 ? " optimum" : " optima, of which this is the lowest");
  }
  state_.phase = options_.compute_hessian ? FitPhase::hessian : FitPhase::done;
}

}  // namespace tramontana

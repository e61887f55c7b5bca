// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "inference/optimiser/theta_box.hpp"
#include "model/number_text.hpp"
#include "tramontana/errors.hpp"
#include "tramontana/fit.hpp"

namespace tramontana {
namespace {

/** Edges of a mesh that resolves a field: at most this share of its range, where P1 elements keep its variance. */
constexpr double largest_edge_share = 0.2;
/** First radius of the fine fit: what a resolved mesh still moves the mode by, in units of theta. */
constexpr double fine_trust_radius = 0.5;

/** Smallest spatial range of all processes at theta; infinite for a model without ranges. */
double smallest_range(const PreparedModel& model, const std::vector<double>& theta) {
  double range = std::numeric_limits<double>::infinity();
  const auto& names = model.layout().names();
  for (std::size_t process = 0; process < model.num_processes(); ++process) {
    for (const auto index : model.layout().field(process)) {
      if (names[index].rfind("log_range_s", 0) == 0) range = std::min(range, std::exp(theta[index]));
    }
  }
  return range;
}

}  // namespace

MultilevelStart multilevel_start(const PreparedModel& coarse, const FitOptions& options,
                                 const CancellationToken* cancellation) {
  MultilevelStart start{options, false, "", 0, 0.0};
  auto coarse_options = options;
  coarse_options.num_restarts = 0;
  coarse_options.compute_hessian = true;
  if (options.initial_theta.size() == coarse.layout().size()) {
    if (const auto unresolved = unresolved_range(coarse, options)) {
      start.reason = std::string("the coarse mesh is too coarse to begin with: ") + unresolved->what();
      return start;
    }
  }
  const auto result = fit(coarse, coarse_options, nullptr, {}, cancellation);
  start.coarse_evaluations = result.state.evaluations;
  start.coarse_seconds = result.seconds;
  const double edge = mean_edge_length(coarse.model().c0);
  const double range = smallest_range(coarse, result.state.theta);
  const auto sizes = "coarse edges " + number_text(edge) + ", smallest range " + number_text(range);
  if (!result.state.converged) {
    start.reason = "the coarse fit did not converge: " + result.state.stop_reason;
  } else if (!(edge <= largest_edge_share * range)) {
    start.reason = "the coarse mesh does not resolve the range at its mode (" + sizes + "): the start stays as given";
  } else {
    start.is_used = true;
    start.reason = "started at the mode of the coarse mesh (" + sizes + ")";
    start.options.initial_theta = result.state.theta;
    start.options.initial_curvature = result.hessian;
    start.options.initial_trust_radius = fine_trust_radius;
  }
  return start;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "solver/selected_inverse.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "solver/backward_recursion.hpp"
#include "solver/two_filter.hpp"

namespace tramontana {
namespace {

/** Rate of a sparse times a dense matrix as a part of that of gemm. */
constexpr double sparse_rate = 0.1;

std::size_t count_distinct(const ForwardFilter& filter, std::size_t num_steps) {
  std::set<int> states;
  for (std::size_t step = 0; step < num_steps; ++step) states.insert(filter.state_of(step));
  return states.size();
}

std::string rounded(double value) { return std::to_string(static_cast<long>(std::lround(value))); }

}  // namespace

double congruence_cost(const Coupling& coupling, std::size_t size) {
  if (std::holds_alternative<DenseCoupling>(coupling)) return 3.0;
  if (const auto* sparse = std::get_if<SparseCoupling>(&coupling)) {
    const auto n = static_cast<double>(size);
    return 4.0 * static_cast<double>(sparse->matrix.values.size()) / (n * n) / sparse_rate;
  }
  return 0.0;
}

SelectedInverseCost counted_cost(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend,
                                 const RecursionOptions& options) {
  const std::size_t num_steps = sequence.num_blocks();
  const double congruence = num_steps == 1 ? 0.0 : congruence_cost(sequence.coupling(0), sequence.block_size());
  const BackwardFilter backward(sequence, filter, backend, options);
  const std::size_t first_mirrored = backward.borrowed_from() == 0 ? 0 : backward.borrowed_from() - 1;
  const auto marginals = static_cast<double>(mirrored_groups(sequence, filter, backward).size());
  const auto own = static_cast<double>(count_distinct(filter, first_mirrored));
  SelectedInverseCost cost;
  cost.is_mirrored = backward.borrowed_from() == 0;
  cost.two_filter =
      (marginals + own) * (1.0 / inversion_rate + 2.0 * congruence) + own * (1.0 / inversion_rate + congruence);
  // Sigma converges from the right as the states did from the left: up to twice as many distinct blocks as states.
  const std::size_t distinct = std::min(num_steps - 1, 2 * count_distinct(filter, num_steps));
  cost.backward = static_cast<double>(distinct) * (3.0 + congruence);
  return cost;
}

SelectedInverseSummary for_each_covariance(const BlockSequence& sequence, const ForwardFilter& filter,
                                           const Backend& backend, const RecursionOptions& options,
                                           SelectedInverseMethod method, const CancellationToken* cancellation,
                                           const CovarianceVisitor& visit, CovarianceDetail detail) {
  if (filter.long_run() != nullptr &&
      (detail == CovarianceDetail::each_step || method == SelectedInverseMethod::backward)) {
    auto plain_options = options;
    plain_options.doubling = RecursionOptions::Doubling::never;
    const ForwardFilter plain(sequence, backend, plain_options, cancellation);
    return for_each_covariance(sequence, plain, backend, plain_options, method, cancellation, visit, detail);
  }
  const auto cost = counted_cost(sequence, filter, backend, options);
  const bool is_backward =
      method == SelectedInverseMethod::backward ||
      (method == SelectedInverseMethod::automatic && filter.long_run() == nullptr && cost.backward < cost.two_filter);
  auto summary = is_backward ? run_backward(sequence, filter, backend, options, cancellation, visit)
                             : run_two_filter(sequence, filter, backend, options, cancellation, visit);
  summary.reason = is_backward ? "backward" : cost.is_mirrored ? "two filters (mirror)" : "two filters";
  summary.reason += ", " + std::to_string(summary.num_groups) + " covariance blocks";
  if (filter.long_run() != nullptr) {
    summary.reason += ", their sum over the long run by doubling";
  } else if (method == SelectedInverseMethod::automatic && sequence.num_blocks() > 1) {
    const double here = is_backward ? cost.backward : cost.two_filter;
    const double there = is_backward ? cost.two_filter : cost.backward;
    summary.reason += "; " + rounded(here) + " n^3 flops against " + rounded(there) +
                      (is_backward ? " with two filters" : " backward");
  }
  return summary;
}

}  // namespace tramontana

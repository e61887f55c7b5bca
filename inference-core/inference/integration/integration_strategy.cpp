// SPDX-License-Identifier: Apache-2.0
#include "inference/integration/integration_strategy.hpp"

#include <limits>
#include <string>

#include "inference/integration/central_composite.hpp"
#include "inference/integration/centred_lattice.hpp"

namespace tramontana {
namespace {

/** A lattice in more dimensions has more points than any posterior is worth. */
constexpr std::size_t most_lattice_dimensions = 8;
/** What a lattice may cost where nothing is said, as n^3 a step: seconds of two cores. */
constexpr double lattice_flops = 1e11;
/** What an evaluation costs beside its flops, expressed in them: a millisecond or two. */
constexpr double flops_of_overhead = 1e8;

/** Of one factorisation and its selected inverse, about. */
double flops_of_evaluation(const PreparedModel& model) {
  const double n = static_cast<double>(model.block_size());
  const double p = static_cast<double>(model.num_border_columns());
  const double steps = static_cast<double>(model.num_steps());
  const double each = (n * n * n + p * n * n) * steps + p * p * p;
  return flops_of_overhead + (model.is_gaussian() ? 1.0 : 5.0) * each;
}

}  // namespace

double expected_evaluations(IntegrationStrategy strategy, std::size_t num_free) {
  if (strategy == IntegrationStrategy::empirical_bayes || num_free == 0) return 1.0;
  const double axes = 2.0 * static_cast<double>(num_free);
  if (strategy != IntegrationStrategy::lattice) {
    return axes + static_cast<double>(central_composite_design(num_free).size());
  }
  if (num_free > most_lattice_dimensions) return std::numeric_limits<double>::infinity();
  return axes + expected_lattice_evaluations(num_free);
}

IntegrationStrategy resolved_strategy(const PreparedModel& model, const IntegrationOptions& options,
                                      std::size_t num_free) {
  using enum IntegrationStrategy;
  if (num_free == 0) return empirical_bayes;
  if (options.strategy == lattice && num_free > most_lattice_dimensions) {
    throw InvalidModel("strategy lattice serves at most " + std::to_string(most_lattice_dimensions) +
                           " hyperparameters that vary, found " + std::to_string(num_free) +
                           ": take central-composite.",
                       {{"field", std::string("strategy")}});
  }
  if (options.strategy != automatic) return options.strategy;
  if (options.most_evaluations) {
    if (expected_evaluations(lattice, num_free) <= *options.most_evaluations) return lattice;
    const bool is_affordable = expected_evaluations(central_composite, num_free) <= *options.most_evaluations;
    return is_affordable ? central_composite : empirical_bayes;
  }
  const bool is_quick = expected_evaluations(lattice, num_free) * flops_of_evaluation(model) <= lattice_flops;
  return is_quick ? lattice : central_composite;
}

}  // namespace tramontana

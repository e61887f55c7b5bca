// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "inference/optimiser/search_target.hpp"
#include "inference/optimiser/theta_box.hpp"
#include "tramontana/fit.hpp"

namespace tramontana {

struct Optimum {
  SearchResult result;
  std::unique_ptr<SearchPoint> point;  ///< there; null where it is not at hand any more
  bool hessian_is_exact = false;       ///< it took no differences
};

/**
 * Searches the minimum of a target in a box, from the options' start or from a state of an earlier attempt, and inverts
 * the Hessian there.
 *
 * @throws InvalidModel for a state of another model, NotPositiveDefinite, Interrupted
 */
[[nodiscard]] Optimum search_optimum(const SearchTarget& target, const ThetaBox& box, const FitOptions& options,
                                     const OptimizerState* resume_from,
                                     const std::function<void(const OptimizerState&)>& on_iteration);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "tramontana/errors.hpp"

namespace tramontana {

/**
 * The result of `compute`, which knows nothing of theta: where a matrix is not positive definite, theta joins the facts
 * of the error.
 */
template <class Compute>
[[nodiscard]] auto with_theta_in_errors(std::span<const double> theta, const Compute& compute) {
  try {
    return compute();
  } catch (const NotPositiveDefinite& error) {
    Facts facts = error.facts();
    facts.emplace_back("theta", std::vector<double>(theta.begin(), theta.end()));
    throw NotPositiveDefinite(error.what(), std::move(facts));
  }
}

}  // namespace tramontana

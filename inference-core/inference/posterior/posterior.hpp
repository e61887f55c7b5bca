// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "inference/posterior/inner_mode.hpp"
#include "inference/posterior/objective_terms.hpp"

namespace tramontana {

/** The posterior at one theta: the prior there, the Gaussian of the latent variables given the data, the objective. */
class Posterior {
 public:
  /**
   * n^3 flops a distinct step, and as much again for every iteration of the search for the mode.
   *
   * @param prepared  must outlive this object
   * @throws NotPositiveDefinite (with theta), InnerModeNotFound, InvalidModel, Interrupted
   */
  Posterior(const PreparedModel& prepared, std::span<const double> theta, const EvaluationOptions& options,
            const CancellationToken* cancellation)
      : prior_(prepared, theta),
        mode_(find_inner_mode(prior_, options, cancellation)),
        terms_(objective_terms(*mode_.conditional)) {}
  Posterior(const Posterior&) = delete;
  Posterior& operator=(const Posterior&) = delete;

  [[nodiscard]] const PriorAtTheta& prior() const { return prior_; }
  [[nodiscard]] const GaussianConditional& conditional() const { return *mode_.conditional; }
  /** Factorisations that the search for the mode took; 1 for Gaussian data. */
  [[nodiscard]] int num_factorisations() const { return mode_.num_factorisations; }
  [[nodiscard]] const ObjectiveTerms& terms() const { return terms_; }

 private:
  PriorAtTheta prior_;
  InnerMode mode_;
  ObjectiveTerms terms_;
};

}  // namespace tramontana

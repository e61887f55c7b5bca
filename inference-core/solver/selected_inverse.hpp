// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "solver/forward_filter.hpp"

namespace tramontana {

enum class SelectedInverseMethod {
  automatic,
  /** Sigma_t = S_t^-1 + S_t^-1 C_t' Sigma_{t+1} C_t S_t^-1: 3 n^3 flops of gemm a distinct step [Takahashi1973]. */
  backward,
  /** Sigma_t = (S_t + R_t - D_t)^-1 with backward Schur complements R_t: 2 n^3 flops of inversion a distinct step. */
  two_filter,
};

struct SelectedInverseSummary {
  SelectedInverseMethod method = SelectedInverseMethod::automatic;
  std::size_t num_inversions = 0;
  std::size_t num_groups = 0;
};

using CovarianceVisitor = std::function<void(const CovarianceGroup&)>;

/**
 * Computes Sigma_tt for each step from the last to the first and hands it to `visit`, once for each run of steps that
 * share it. Holds no more than four blocks besides the filter's own.
 *
 * @throws NotPositiveDefinite, Interrupted
 */
SelectedInverseSummary for_each_covariance(const BlockSequence& sequence, const ForwardFilter& filter,
                                           const Backend& backend, const RecursionOptions& options,
                                           SelectedInverseMethod method, const CancellationToken* cancellation,
                                           const CovarianceVisitor& visit);

}  // namespace tramontana

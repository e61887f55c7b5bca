// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "solver/step_covariances.hpp"

namespace tramontana {

enum class SelectedInverseMethod {
  /** The cheaper of the two by counted_cost(). */
  automatic,
  /** Sigma_t = S_t^-1 + S_t^-1 C_t' Sigma_{t+1} C_t S_t^-1: 3 n^3 flops of gemm a distinct step [Takahashi1973]. */
  backward,
  /** Sigma_t = (S_t + R_t - D_t)^-1 with backward Schur complements R_t: 2 n^3 flops of inversion a distinct step. */
  two_filter,
  /** From both ends to the middle and out again: 3 inversions a step as the two-filter, in two lanes throughout. */
  two_sided,
};

enum class CovarianceDetail {
  /** The covariance of each step by itself. */
  each_step,
  /** Steps with equal diagonal blocks may come together with the mean of their covariances: enough for a gradient. */
  sums,
};

struct SelectedInverseSummary {
  SelectedInverseMethod method = SelectedInverseMethod::automatic;
  std::size_t num_inversions = 0;
  std::size_t num_groups = 0;
  /** What was done and why, in one line: "two filters (mirror), 19 covariance blocks; 25 n^3 against 108 backward". */
  std::string reason;
};

/** Rate of an inversion as a part of that of gemm: 0.70 to 0.85 measured for n from 300 to 3000. */
inline constexpr double inversion_rate = 0.75;

/** Cost of C m C' in n^3 flops at the rate of gemm. */
[[nodiscard]] double congruence_cost(const Coupling& coupling, std::size_t size);

/** Cost of the two ways, in n^3 flops at the rate of gemm. */
struct SelectedInverseCost {
  double two_filter = 0.0;
  double backward = 0.0;
  /** Steps that share backward states with the forward filter under mirror symmetry: all of them. */
  bool is_mirrored = false;
};

/**
 * Counts what both ways would cost. An inversion takes n^3 flops at inversion_rate, a congruence C m C' nothing when C
 * is diagonal and 3 n^3 when it is dense. States that the backward filter does not borrow are taken to be as many as
 * the forward filter has over the same steps.
 */
[[nodiscard]] SelectedInverseCost counted_cost(const BlockSequence& sequence, const ForwardFilter& filter,
                                               const Backend& backend, const RecursionOptions& options);

/**
 * Computes Sigma_tt of each step and hands it to `visit`, once for each set of steps that share it, in no particular
 * order. Under mirror symmetry Sigma_t and Sigma_{num_blocks + 1 - t} are such a set. Holds no more than four blocks
 * besides the filter's own. A filter with a long run is run again without one where each step is asked for.
 *
 * @throws NotPositiveDefinite, Interrupted
 */
SelectedInverseSummary for_each_covariance(const BlockSequence& sequence, const ForwardFilter& filter,
                                           const Backend& backend, const RecursionOptions& options,
                                           SelectedInverseMethod method, const CancellationToken* cancellation,
                                           const CovarianceVisitor& visit,
                                           CovarianceDetail detail = CovarianceDetail::each_step);

}  // namespace tramontana

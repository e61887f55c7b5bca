// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "kernels/backend.hpp"
#include "matrix/block_sequence.hpp"
#include "solver/recursion_options.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/** Steps first..last with equal diagonal blocks, coupled alike among themselves and to the step on either side. */
struct EqualSteps {
  std::size_t first = 0;
  std::size_t last = 0;
  [[nodiscard]] std::size_t count() const { return last - first + 1; }
};

/** The longest run of equal steps that has a step before and one after it; nothing when there is none. */
[[nodiscard]] std::optional<EqualSteps> longest_run(const BlockSequence& sequence);

/**
 * The fixed point R = D - C R^-1 C of the recursion over equal steps with a symmetric coupling C.
 *
 * With C = -B, G = 2R - D is the geometric mean of D - 2B and D + 2B. Its arithmetic-harmonic iteration,
 *   A_1 = D,  B_1 = D - 4 C D^-1 C,  A_{i+1} = (A_i + B_i)/2,  B_{i+1} = 2 (A_i^-1 + B_i^-1)^-1,
 * is structure-preserving doubling [Chiang2009]: A_i stands for 2^i steps. It adds positive matrices only, and the two
 * inversions of an iteration are independent. |A_i| |B_i| = |G|^2 at every i.
 */
struct FixedPoint {
  Block inverse;                          ///< R^-1, lower triangle
  Block covariance;                       ///< G^-1 = (2R - D)^-1: of a step far from both ends
  double log_determinant = 0.0;           ///< log|R|
  double log_determinant_marginal = 0.0;  ///< log|G|
  double steps_to_converge = 0.0;         ///< that the plain recursion would take
  double rate = 0.0;                      ///< largest eigenvalue of |F|, F = -R^-1 C
};

/**
 * The fixed point for the steps of `run`; nothing when the recursion does not converge within it to `tolerance`, which
 * the first inversion shows.
 *
 * @throws NotPositiveDefinite, Interrupted
 */
[[nodiscard]] std::optional<FixedPoint> fixed_point(const BlockSequence& sequence, const EqualSteps& run,
                                                    double tolerance, const Backend& backend,
                                                    const CancellationToken* cancellation);

/**
 * A run of equal steps in closed form, between two other steps.
 *
 * Let S be the Schur complement of the step before, V = R - C S^-1 C and L the number of steps. If both sides have
 * converged within the run,
 *   sum log|S_t| = L log|R| + log|V| - log|G|,   Sigma_first = V^-1.
 */
struct LongRun {
  EqualSteps steps;
  int state = -1;                  ///< number of R among the states of the filter
  Block covariance;                ///< G^-1
  Block first_covariance;          ///< V^-1
  double log_determinant = 0.0;    ///< sum over the run of log|S_t|
  double rate = 0.0;               ///< as of the fixed point
  double steps_to_converge = 0.0;  ///< as of the fixed point
};

/**
 * Whether doubling looks cheaper than the plain recursion over `run`, and the run long enough for it.
 *
 * Let k be the steps to `options.steady_state_tolerance`. Plain recursion: k inversions for S and as many for Sigma,
 * those of the mirrored half for nothing. Doubling: 2 log2(k) + 3 inversions, and 4 log2(k) products for the sum of
 * covariances. Counted with the measured rates doubling wins from k of about 18 on. The guess of k costs a few dozen
 * n^2 flops: to a Krylov space of the step before, D shows its slow directions.
 */
[[nodiscard]] bool doubling_pays(const BlockSequence& sequence, const EqualSteps& run, ConstBlockView previous_inverse,
                                 const Backend& backend, const RecursionOptions& options);

/**
 * Sum over i >= 0 of F^i M F'^i with F = -R^-1 C, by doubling: the deviations of the covariances from G^-1 decay along
 * the run like that. 4 n^3 flops of gemm for each doubling.
 *
 * @param m     symmetric, lower triangle; overwritten by the sum
 * @param rate  as of the run
 */
void sum_decaying(const BlockKernels& kernels, const Coupling& coupling, ConstBlockView inverse, double rate,
                  BlockView m);

}  // namespace tramontana

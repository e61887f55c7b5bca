// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "solver/factor.hpp"
#include "support/random_sequence.hpp"

namespace tramontana::testing {

/** Everything a recursion gives, in plain arrays. */
struct Answer {
  double log_determinant = 0.0;
  std::vector<double> solution;
  std::vector<double> covariances;        ///< Sigma_tt, all steps, lower triangles
  std::vector<double> cross_covariances;  ///< sum over t of Sigma_{t,t-1}, all entries, by tag of the coupling
  std::size_t num_visited = 0;            ///< steps
  SelectedInverseMethod method = SelectedInverseMethod::automatic;
};

/**
 * Solves for random right-hand sides and visits all covariances.
 *
 * @param kernels  of the backend that made the factor
 */
[[nodiscard]] Answer answer_of(const BlockSequence& sequence, const Factor& factor,
                               const BlockKernels& kernels = host_memory().blocks());

/** The same from the inverse of the whole matrix. */
[[nodiscard]] Answer dense_answer(const RandomSequence& sequence);

/** Expects differences of at most `tolerance`, relative to the largest number (of each kind). */
void expect_close(const std::vector<double>& found, const std::vector<double>& expected, double tolerance);
void expect_close(const Answer& found, const Answer& expected, double tolerance);

/** Runs of one pattern, gaps and empty days at random; couplings that change now and then. */
[[nodiscard]] RandomSequence random_sequence(std::uint64_t seed, std::size_t num_steps, std::size_t size,
                                             CouplingKind kind);

}  // namespace tramontana::testing

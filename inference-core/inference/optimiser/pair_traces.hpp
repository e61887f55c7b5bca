// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "communicator/communicator.hpp"
#include "inference/optimiser/mode_generators.hpp"
#include "matrix/block_sequence.hpp"
#include "matrix/dense.hpp"
#include "solver/forward_filter.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/** sum_ts M_r(t, s) Sigma_ts[(k, i), (l, i)] of temporal term r and mode i, [k * n_v + l][r * n_s + i]. */
using FieldMoments = std::vector<std::vector<double>>;

/** Sums over the covariances between all steps that the Hessian needs. */
struct PairTraces {
  /** tr(Sigma G_a Sigma G_b) of the terms of the generators. */
  DenseMatrix traces;
  /** Over all steps t, and over those of each of the generators' groups. */
  std::vector<FieldMoments> moments;
};

/**
 * Steps that lie so far apart that their pairs do not count, at most: traces fall with the square of the correlation in
 * time, and given data that is below what it is in the prior.
 */
[[nodiscard]] std::size_t counted_lags(const PriorAtTheta& prior);

/**
 * Sums over the pairs of steps: 2 n^3 flops a pair and 3 n^3 a step, memory for three rows of blocks. A step's pairs
 * with others end where the rest would add less than its part of 1e-7 of the information.
 *
 * @param precision  in spectral coordinates
 * @param filter     of it, with the states of all its steps
 * @param ranks      share the pairs; each has a filter of its own, and all get the same sums
 * @throws Interrupted
 */
[[nodiscard]] PairTraces sum_over_pairs(const ModeGenerators& generators, const PriorAtTheta& prior,
                                        const BlockSequence& precision, const ForwardFilter& filter,
                                        std::span<const double> information, const Communicator& ranks,
                                        const CancellationToken* cancellation);

}  // namespace tramontana

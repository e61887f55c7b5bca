// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "communicator/communicator.hpp"
#include "kernels/backend.hpp"
#include "matrix/block_sequence.hpp"
#include "solver/forward_filter.hpp"
#include "solver/recursion_options.hpp"
#include "solver/selected_inverse.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana {

/**
 * A factorised symmetric positive definite block-tridiagonal matrix: all that inference asks of one, whatever order
 * made it. The sequence that it is of outlives it.
 */
class Factor {
 public:
  virtual ~Factor() = default;

  [[nodiscard]] virtual double log_determinant() const = 0;

  /** Solves Q x = b in place for several right-hand sides. */
  virtual void solve(BlockVector& b) const = 0;

  /**
   * Hands Sigma_tt of each step to `visit`, once for each set of steps that share it, in no particular order and by the
   * calling thread. What a visit sees lives as long as the visit.
   *
   * @throws NotPositiveDefinite, Interrupted
   */
  virtual SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const = 0;

  /**
   * The ranks that share the visits: each sees the covariances of some steps, and sums over visits are to be summed
   * over them. One where every rank sees them all.
   */
  [[nodiscard]] virtual Communicator visitors() const { return {}; }

  /** The states of the forward order, without a long run; null of other orders. */
  [[nodiscard]] virtual const ForwardFilter* forward_filter() const { return nullptr; }

  /** How it was made, in a few words: "18 of 60 steps distinct, steady from step 17". */
  [[nodiscard]] virtual std::string description() const = 0;
};

struct FactorOptions {
  RecursionOptions recursion;
  /** The selected inverse that will be asked for; the order that goes with it. */
  SelectedInverseMethod method = SelectedInverseMethod::automatic;
  /**
   * Ranks that call together, all with the same sequence. They share the steps in windows where that counts as quicker
   * than each doing all of it for itself (count_on_ranks()). `two_sided` asks for windows.
   */
  Communicator ranks = {};
};

/**
 * Factorises in the order that goes with the method; for `automatic` from both sides where that counts as cheaper
 * (count_orders()), else forward.
 *
 * @throws NotPositiveDefinite with facts `block` and `pivot`, Interrupted; on all ranks what one of them throws
 */
[[nodiscard]] std::unique_ptr<Factor> factorise(const BlockSequence& sequence, const Backend& backend,
                                                const FactorOptions& options, const CancellationToken* cancellation);

}  // namespace tramontana

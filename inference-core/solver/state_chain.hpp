// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <optional>
#include <vector>

#include "communicator/communicator.hpp"
#include "kernels/block_kernels.hpp"

namespace tramontana {

/** Computes the state of the step at `index` of a chain into `out`; `before` is null at a start that knows nothing. */
using StateStep = std::function<double(std::size_t index, const ConstBlockView* before, BlockView out)>;

/**
 * The part of one rank in a recursion of states (inverses of Schur complements) that runs through the windows of
 * several ranks.
 *
 * All ranks start at once: one whose incoming state is not known starts cold, as if nothing came before. The recursion
 * forgets its start geometrically, so that only the first states are wrong; when the true incoming state arrives they
 * are computed again, until one agrees with what was there. How many is found, not guessed: where a whole window does
 * not forget, its repair runs to the end and is passed on, which is the serial recursion again and still right.
 */
class StateChain {
 public:
  const BlockKernels* kernels = nullptr;  ///< of the backend that computes
  std::size_t block_size = 0;
  std::size_t length = 0;
  /** What has to be done before the first step; may be empty. */
  std::function<void()> prepare;
  StateStep compute;
  std::optional<int> from;  ///< rank of the part before; none: the start is true
  std::optional<int> to;    ///< rank of the part after
  /** The state before the first one: known, or received. */
  Block incoming;
  std::vector<Block> states;
  std::vector<double> log_determinants;
  std::size_t num_repaired = 0;

  [[nodiscard]] ConstBlockView state(std::size_t index) const { return states[index].view(); }

  /**
   * Computes all states, with messages along the chain alone. Where a step throws, the failure is kept and messages go
   * on, so that nobody waits: the caller agrees on it.
   */
  void run(const Communicator& ranks);
  /** @throws what a step threw */
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void attempt(const std::function<void()>& work);
  void pass_on(const Communicator& ranks, bool is_final, bool has_changed);
  void compute_all();
  /** Recomputes from the true incoming state; true when the last state has changed. */
  [[nodiscard]] bool repair();

  std::exception_ptr failure_;
};

}  // namespace tramontana

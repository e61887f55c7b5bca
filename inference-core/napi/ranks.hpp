// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "communicator/communicator.hpp"
#include "tramontana/engine.hpp"

namespace tramontana::addon {

/**
 * The ranks that compute together in this process: one, until join_ranks() has found the others. From then on
 * computations are collective: every rank starts the same ones with the same arguments, one after the other.
 */
[[nodiscard]] const Communicator& world();

/** The same evaluation, shared by the ranks of the world as set_rank_groups() has it. */
[[nodiscard]] EvaluationOptions over_world(EvaluationOptions options = {});

/**
 * The agreement of all ranks on a computation. Each rank asks for it at the same points (after an iteration, at the
 * end); where one rank fails or is interrupted in between, all throw the same at their next point, and none waits for
 * one that has left.
 */
class Agreement {
 public:
  /** Runs a phase; throws on all ranks what it throws on one, and then every later call returns at once. */
  void reach(const std::function<void()>& phase);

 private:
  bool is_over_ = false;
};

}  // namespace tramontana::addon

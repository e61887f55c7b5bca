// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "communicator/communicator.hpp"

namespace tramontana::addon {

/** The ranks that were started together, and the library that carries their messages. */
struct World {
  Communicator communicator;
  std::string library;
};

/**
 * The seam between the two modules of the addon: one is linked with MPI (world_mpi.cpp), in the other there is one rank
 * (world_single.cpp). Collective: returns when all ranks are there; once per process.
 *
 * @throws Error `MpiFailed` when the library cannot start, or lets no thread but the first one call it
 */
[[nodiscard]] World join_world();

/** Takes leave of the others; collective, after the last message. Nothing where join_world() was not called. */
void leave_world();

}  // namespace tramontana::addon

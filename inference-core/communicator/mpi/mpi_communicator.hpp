// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mpi.h>

#include "communicator/communicator.hpp"

namespace tramontana {

/**
 * The ranks of an MPI communicator as a group of their own: messages of ours never meet those of the program.
 * MPI_Init and MPI_Finalize belong to the caller; of the threads of a rank one calls. Collective.
 *
 * @throws Error `MpiFailed` with the words of MPI
 */
[[nodiscard]] Communicator mpi_communicator(MPI_Comm ranks);

}  // namespace tramontana

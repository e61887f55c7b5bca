// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "communicator/communicator.hpp"

namespace tramontana {

/**
 * Runs `task` as every rank of a group of `size`, each on a thread of its own: what runs here on one machine runs on
 * many by MPI. Returns when all have ended.
 *
 * A rank that waits for one that has ended without a word gets RankLost.
 *
 * @throws what the ranks threw: of several errors that of the lowest rank which is not a consequence (RankLost)
 */
void run_thread_ranks(int size, const std::function<void(const Communicator&)>& task);

}  // namespace tramontana

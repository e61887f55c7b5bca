// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "communicator/communicator.hpp"

namespace tramontana::testing {

/** What holds of a group of ranks of any size over any transport. Called by all of its ranks. */
void check_reductions(const Communicator& group);
void check_gathering(const Communicator& group);
void check_parts(const Communicator& group);
void check_order_of_messages(const Communicator& group);
/** Of large ones between neighbours, and of empty ones. */
void check_sizes_of_messages(const Communicator& group);
void check_agreement(const Communicator& group);
/** Every rank has every result, whatever the number of groups and of jobs; what fails on one fails on all. */
void check_shared_jobs(const Communicator& group);

}  // namespace tramontana::testing

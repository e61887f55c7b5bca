// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "communicator/communicator.hpp"

namespace tramontana::testing {

/** What computations of one rank and of a group give: the same. Called by all ranks of a group of any size. */
void check_evaluations(const Communicator& ranks);
/** Search, Hessian and evaluation at the mode. */
void check_fit(const Communicator& ranks);
void check_integration(const Communicator& ranks);
/** Predictions, folds left out, joint samples. */
void check_predictions(const Communicator& ranks);
/** A theta that cannot be factorised, and a rank that is cancelled: all throw the same and go on together. */
void check_common_failures(const Communicator& ranks);

}  // namespace tramontana::testing

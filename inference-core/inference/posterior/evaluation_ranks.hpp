// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "communicator/communicator.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {

/** The ranks that call an evaluation together. */
[[nodiscard]] inline Communicator ranks_of(const EvaluationOptions& options) {
  return options.ranks == nullptr ? Communicator() : *options.ranks;
}

}  // namespace tramontana

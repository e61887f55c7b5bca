// SPDX-License-Identifier: Apache-2.0
#include "solver/inversion.hpp"

#include <string>

#include "tramontana/errors.hpp"

namespace tramontana {

double invert_or_throw(const BlockKernels& kernels, BlockView block, std::size_t step, const char* what) {
  const auto outcome = kernels.invert_positive_definite(block);
  if (outcome.failure) {
    throw NotPositiveDefinite(std::string("The ") + what + " of time step " + std::to_string(step) +
                                  " is not positive definite: expected a positive pivot, found " +
                                  std::to_string(outcome.failure->value) + " at pivot " +
                                  std::to_string(outcome.failure->pivot) + ".",
                              {{"block", static_cast<std::int64_t>(step)},
                               {"pivot", static_cast<std::int64_t>(outcome.failure->pivot)},
                               {"pivotValue", outcome.failure->value}});
  }
  return outcome.log_determinant;
}

}  // namespace tramontana

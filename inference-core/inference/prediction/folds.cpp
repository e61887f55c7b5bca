// SPDX-License-Identifier: Apache-2.0
#include "inference/prediction/folds.hpp"

#include <algorithm>
#include <string>

#include "tramontana/errors.hpp"

namespace tramontana {

std::int32_t count_folds(Folds folds, std::span<const std::size_t> sizes) {
  if (folds.size() != sizes.size()) {
    throw InvalidModel("folds must have one entry for each of the " + std::to_string(sizes.size()) +
                       " observation groups, found " + std::to_string(folds.size()) + ".");
  }
  std::size_t num_observations = 0;
  for (const std::size_t size : sizes) num_observations += size;
  std::int32_t count = 0;
  for (std::size_t g = 0; g < sizes.size(); ++g) {
    const auto name = "folds[" + std::to_string(g) + "]";
    if (folds[g].size() != sizes[g]) {
      throw InvalidModel(name + " must have one entry for each of the " + std::to_string(sizes[g]) +
                             " observations, found " + std::to_string(folds[g].size()) + ".",
                         {{"field", name}});
    }
    for (const auto fold : folds[g]) {
      if (fold < -1 || (fold >= 0 && static_cast<std::size_t>(fold) >= num_observations)) {
        throw InvalidModel(name + " must hold -1 or folds from 0 to " + std::to_string(num_observations - 1) +
                               " (there are " + std::to_string(num_observations) + " observations), found " +
                               std::to_string(fold) + ".",
                           {{"field", name}, {"value", static_cast<std::int64_t>(fold)}});
      }
      count = std::max(count, fold + 1);
    }
  }
  return count;
}

}  // namespace tramontana

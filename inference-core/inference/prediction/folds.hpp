// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tramontana {

/** A group of observations, then the fold of each observation, or -1. */
using Folds = std::span<const std::vector<std::int32_t>>;

/** Observations of each group. */
template <class Group>
[[nodiscard]] std::vector<std::size_t> sizes_of(const std::vector<Group>& groups) {
  std::vector<std::size_t> sizes;
  for (const auto& group : groups) sizes.push_back(group.y.size());
  return sizes;
}

/** @throws InvalidModel unless the folds fit groups of these sizes */
[[nodiscard]] std::int32_t count_folds(Folds folds, std::span<const std::size_t> sizes);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "communicator/communicator.hpp"
#include "inference/optimiser/search_target.hpp"

namespace tramontana {

/**
 * A point whose numbers are those of rank 0 on all ranks. Ranks of unlike processors round differently; a search that
 * took another branch on one of them would leave the others waiting.
 *
 * @param point  computed on all ranks
 */
[[nodiscard]] std::unique_ptr<SearchPoint> agreed_point(std::unique_ptr<SearchPoint> point, const Communicator& ranks);

}  // namespace tramontana

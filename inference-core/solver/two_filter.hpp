// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "solver/backward_filter.hpp"
#include "solver/selected_inverse.hpp"

namespace tramontana {

/** What a step sees on one side: the tag of the coupling and the state behind it; (-1, -1) at an end. */
using Side = std::pair<int, int>;

/** Steps with one diagonal tag that see the same on both sides, in either order: they share their covariance. */
using MirroredGroups = std::map<std::tuple<int, Side, Side>, std::vector<std::size_t>>;

/** Groups the steps from the last one down to the last whose right side is not a state of the forward filter. */
[[nodiscard]] MirroredGroups mirrored_groups(const BlockSequence& sequence, const ForwardFilter& filter,
                                             const BackwardFilter& backward);

/** for_each_covariance() by Sigma_t = (D_t - C S_{t-1}^-1 C' - C' R_{t+1}^-1 C)^-1. */
SelectedInverseSummary run_two_filter(const BlockSequence& sequence, const ForwardFilter& filter,
                                      const Backend& backend, const RecursionOptions& options,
                                      const CancellationToken* cancellation, const CovarianceVisitor& visit);

}  // namespace tramontana

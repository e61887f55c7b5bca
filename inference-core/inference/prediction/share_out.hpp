// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tramontana/sampling.hpp"

namespace tramontana {

/**
 * Systematic resampling: the point of each of n samples, ascending.
 *
 * @throws InvalidModel unless the weights are not negative and one of them is positive
 */
[[nodiscard]] std::vector<std::int32_t> share_out(std::span<const SamplingPoint> points, std::size_t num_samples,
                                                  std::uint64_t seed);

}  // namespace tramontana

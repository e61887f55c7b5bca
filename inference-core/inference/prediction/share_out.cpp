// SPDX-License-Identifier: Apache-2.0
#include "inference/prediction/share_out.hpp"

#include <cmath>
#include <string>

#include "kernels/random_normal.hpp"
#include "model/likelihoods/special_functions.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {

std::vector<std::int32_t> share_out(std::span<const SamplingPoint> points, std::size_t num_samples,
                                    std::uint64_t seed) {
  double total = 0.0;
  for (const auto& point : points) {
    if (!(point.weight >= 0.0) || !std::isfinite(point.weight)) {
      throw InvalidModel("Weights of sampling points must not be negative, found " + std::to_string(point.weight) +
                         ".");
    }
    total += point.weight;
  }
  if (!(total > 0.0)) throw InvalidModel("At least one sampling point must have a positive weight, found none.");
  RandomNormal normal = RandomNormal(seed);
  const double start = normal_cumulative(normal());
  std::vector<std::int32_t> result;
  std::size_t point = 0;
  double reached = points[0].weight;
  for (std::size_t sample = 0; sample < num_samples; ++sample) {
    const double target = (static_cast<double>(sample) + start) / static_cast<double>(num_samples) * total;
    while (reached < target && point + 1 < points.size()) reached += points[++point].weight;
    result.push_back(static_cast<std::int32_t>(point));
  }
  return result;
}

}  // namespace tramontana

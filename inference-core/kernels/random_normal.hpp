// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace tramontana {

/** Standard normal deviates that are the same on every platform: splitmix64 and the Box-Muller transform. */
class RandomNormal {
 public:
  explicit RandomNormal(std::uint64_t seed) : state_(seed) {}

  /** A stream of its own for each of many draws. */
  [[nodiscard]] static RandomNormal stream(std::uint64_t seed, std::uint64_t draw) {
    return RandomNormal(seed + 0xd1342543de82ef95ULL * (draw + 1));
  }

  double operator()() {
    if (has_spare_) {
      has_spare_ = false;
      return spare_;
    }
    const double radius = std::sqrt(-2.0 * std::log(uniform()));
    const double angle = 2.0 * std::numbers::pi * uniform();
    spare_ = radius * std::sin(angle);
    has_spare_ = true;
    return radius * std::cos(angle);
  }

 private:
  /** In (0, 1]. */
  double uniform() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return (static_cast<double>(z >> 11) + 1.0) * 0x1.0p-53;
  }

  std::uint64_t state_;
  double spare_ = 0.0;
  bool has_spare_ = false;
};

}  // namespace tramontana

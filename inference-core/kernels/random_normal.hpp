// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tramontana {

/**
 * The area below exp(-x^2 / 2), x > 0, as `num_layers` layers of one area: the lowest holds the tail, the others are
 * rectangles [0, edge[i]] x [height[i], height[i + 1]], which the density crosses at their ends.
 */
struct NormalLayers {
  static constexpr std::size_t num_layers = 256;
  std::array<double, num_layers + 1> edge;    ///< edge[0] is the area over the density at the tail's start
  std::array<double, num_layers + 1> height;  ///< the density at an edge
  /** Where the tail begins [Doornik2005]; the area of a layer follows from it. */
  static constexpr double tail = 3.6541528853610088;

  static const NormalLayers& instance();
};

/**
 * Standard normal deviates that are the same on every platform: splitmix64 and the ziggurat [MarsagliaTsang2000], with
 * layer, sign and place taken from bits of their own [Doornik2005].
 */
class RandomNormal {
 public:
  explicit RandomNormal(std::uint64_t seed) : state_(seed) {}

  /** A stream of its own for each of many draws. */
  [[nodiscard]] static RandomNormal stream(std::uint64_t seed, std::uint64_t draw) {
    return RandomNormal(seed + 0xd1342543de82ef95ULL * (draw + 1));
  }

  double operator()() {
    for (;;) {
      const std::uint64_t bits = next();
      const std::size_t layer = bits & (NormalLayers::num_layers - 1);
      const double value = static_cast<double>(bits >> 11) * 0x1.0p-53 * layers_->edge[layer];
      const double sign = (bits & NormalLayers::num_layers) == 0 ? 1.0 : -1.0;
      if (value < layers_->edge[layer + 1]) return sign * value;
      if (layer == 0) return sign * beyond_the_layers();
      if (is_below_density(layer, value)) return sign * value;
    }
  }

 private:
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  /** In (0, 1]. */
  double uniform() { return (static_cast<double>(next() >> 11) + 1.0) * 0x1.0p-53; }

  /** A value of the tail [MarsagliaTail1964]. */
  double beyond_the_layers();
  bool is_below_density(std::size_t layer, double value);

  const NormalLayers* layers_ = &NormalLayers::instance();
  std::uint64_t state_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "kernels/random_normal.hpp"

#include <cmath>
#include <numbers>

namespace tramontana {
namespace {

double density(double x) { return std::exp(-0.5 * x * x); }

NormalLayers make_layers() {
  constexpr double tail = NormalLayers::tail;
  NormalLayers layers{};
  const double beyond = std::sqrt(0.5 * std::numbers::pi) * std::erfc(tail / std::numbers::sqrt2);
  const double area = tail * density(tail) + beyond;
  layers.edge[0] = area / density(tail);
  layers.edge[1] = tail;
  for (std::size_t i = 2; i < NormalLayers::num_layers; ++i) {
    const double below = layers.edge[i - 1];
    layers.edge[i] = std::sqrt(-2.0 * std::log(area / below + density(below)));
  }
  layers.edge[NormalLayers::num_layers] = 0.0;
  for (std::size_t i = 0; i <= NormalLayers::num_layers; ++i) layers.height[i] = density(layers.edge[i]);
  return layers;
}

}  // namespace

const NormalLayers& NormalLayers::instance() {
  static const NormalLayers layers = make_layers();
  return layers;
}

double RandomNormal::beyond_the_layers() {
  for (;;) {
    const double past = -std::log(uniform()) / NormalLayers::tail;
    const double threshold = -2.0 * std::log(uniform());
    if (threshold >= past * past) return NormalLayers::tail + past;
  }
}

bool RandomNormal::is_below_density(std::size_t layer, double value) {
  const double bottom = layers_->height[layer];
  return bottom + uniform() * (layers_->height[layer + 1] - bottom) < density(value);
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace tramontana {

/**
 * A number with N directional derivatives: forward automatic differentiation of the small scalar functions that turn
 * theta into coefficients. A function templated on its scalar type thus yields its exact gradient.
 */
template <std::size_t N>
struct Dual {
  double value = 0.0;
  std::array<double, N> derivative{};

  Dual() = default;
  Dual(double constant) : value(constant) {}  // NOLINT: constants mix freely with duals

  /** The variable with index `direction`. */
  static Dual variable(double value, std::size_t direction) {
    Dual result(value);
    result.derivative[direction] = 1.0;
    return result;
  }

  /** g(x) given g and g' at x. */
  [[nodiscard]] Dual chain(double new_value, double slope) const {
    Dual result(new_value);
    for (std::size_t i = 0; i < N; ++i) result.derivative[i] = slope * derivative[i];
    return result;
  }

  friend Dual operator+(const Dual& a, const Dual& b) {
    Dual result(a.value + b.value);
    for (std::size_t i = 0; i < N; ++i) result.derivative[i] = a.derivative[i] + b.derivative[i];
    return result;
  }
  friend Dual operator-(const Dual& a, const Dual& b) {
    Dual result(a.value - b.value);
    for (std::size_t i = 0; i < N; ++i) result.derivative[i] = a.derivative[i] - b.derivative[i];
    return result;
  }
  friend Dual operator*(const Dual& a, const Dual& b) {
    Dual result(a.value * b.value);
    for (std::size_t i = 0; i < N; ++i) result.derivative[i] = a.derivative[i] * b.value + a.value * b.derivative[i];
    return result;
  }
  friend Dual operator/(const Dual& a, const Dual& b) {
    Dual result(a.value / b.value);
    for (std::size_t i = 0; i < N; ++i) {
      result.derivative[i] = (a.derivative[i] - result.value * b.derivative[i]) / b.value;
    }
    return result;
  }
  friend Dual operator-(const Dual& a) { return a.chain(-a.value, -1.0); }
  friend Dual exp(const Dual& a) { return a.chain(std::exp(a.value), std::exp(a.value)); }
  /** e^a - 1, to full relative accuracy. */
  friend Dual expm1(const Dual& a) { return a.chain(std::expm1(a.value), std::exp(a.value)); }
  friend Dual log(const Dual& a) { return a.chain(std::log(a.value), 1.0 / a.value); }
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#if defined(__GNUC__)
// Quads are passed between inlined functions only; how a call would pass them does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

namespace tramontana::host {

inline constexpr std::size_t quad = 4;
/**
 * Four numbers anywhere in memory: one register of most processors, so that many of them are kept at once. Vectors
 * longer than a register go through the stack, many times slower. Sums are kept in them, for a compiler may not reorder
 * a sum by itself.
 */
typedef double Quad __attribute__((vector_size(quad * sizeof(double)), aligned(sizeof(double)), may_alias));

inline __attribute__((always_inline)) Quad load(const double* from) { return *reinterpret_cast<const Quad*>(from); }
inline __attribute__((always_inline)) void store(const Quad& value, double* to) {
  *reinterpret_cast<Quad*>(to) = value;
}
inline __attribute__((always_inline)) double total(const Quad& value) {
  return (value[0] + value[1]) + (value[2] + value[3]);
}

}  // namespace tramontana::host

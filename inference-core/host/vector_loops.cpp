// SPDX-License-Identifier: Apache-2.0
#include "host/vector_loops.hpp"

#include "host/quad.hpp"
#include "host/vectorised.hpp"

namespace tramontana::host {
namespace {

/** Numbers at a time, in two sums: one would wait for itself. */
constexpr std::size_t pair = 2 * quad;

/** out += weight x y, elementwise; returns sum x y w. */
TRAMONTANA_VECTORISED double add_products(const double* __restrict x, const double* __restrict y,
                                          const double* __restrict w, double weight, double* __restrict out,
                                          std::size_t count) {
  Quad even = {};
  Quad odd = {};
  std::size_t i = 0;
  for (; i + pair <= count; i += pair) {
    const Quad first = load(x + i) * load(y + i);
    const Quad second = load(x + i + quad) * load(y + i + quad);
    store(load(out + i) + first * weight, out + i);
    store(load(out + i + quad) + second * weight, out + i + quad);
    even += first * load(w + i);
    odd += second * load(w + i + quad);
  }
  double rest = 0.0;
  for (; i < count; ++i) {
    const double product = x[i] * y[i];
    out[i] += product * weight;
    rest += product * w[i];
  }
  return total(even) + total(odd) + rest;
}

}  // namespace

TRAMONTANA_VECTORISED void add_column(double alpha, const double* __restrict x, double* __restrict out,
                                      std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] += alpha * x[i];
}

TRAMONTANA_VECTORISED void add_scaled_column(double alpha, const double* __restrict scale, const double* __restrict m,
                                             double* __restrict out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] += alpha * scale[i] * m[i];
}

TRAMONTANA_VECTORISED void multiply_columns(double alpha, const double* __restrict scale, double* __restrict out,
                                            std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] *= alpha * scale[i];
}

TRAMONTANA_VECTORISED void combine_columns(double alpha, const double* __restrict x, double beta,
                                           double* __restrict out, std::size_t count) {
  // As in BLAS, what was there does not matter when beta is zero, not even if it is not a number.
  if (beta == 0.0) {
    for (std::size_t i = 0; i < count; ++i) out[i] = alpha * x[i];
    return;
  }
  for (std::size_t i = 0; i < count; ++i) out[i] = alpha * x[i] + beta * out[i];
}

TRAMONTANA_VECTORISED void add_column_products(const double* __restrict x, const double* __restrict y,
                                               double* __restrict out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] += x[i] * y[i];
}

TRAMONTANA_VECTORISED double dot(const double* x, const double* y, std::size_t count) {
  Quad even = {};
  Quad odd = {};
  std::size_t i = 0;
  for (; i + pair <= count; i += pair) {
    even += load(x + i) * load(y + i);
    odd += load(x + i + quad) * load(y + i + quad);
  }
  double rest = 0.0;
  for (; i < count; ++i) rest += x[i] * y[i];
  return total(even) + total(odd) + rest;
}

void add_diagonal_of_product(ConstMatrixView x, std::span<const double> w, ConstMatrixView y, std::span<double> out) {
  for (std::size_t j = 0; j < x.columns; ++j) {
    const std::size_t next = j + 1;
    const double below =
        add_products(x.column(j) + next, y.column(j) + next, w.data() + next, w[j], out.data() + next, x.rows - next);
    out[j] += x(j, j) * y(j, j) * w[j] + below;
  }
}

}  // namespace tramontana::host

// SPDX-License-Identifier: Apache-2.0
#include "host/vector_loops.hpp"

#include <algorithm>

#include "host/vectorised.hpp"

#if defined(__GNUC__)
// Lanes are passed between inlined functions only; how a call would pass them does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

namespace tramontana::host {
namespace {

constexpr std::size_t lane = 8;
/** Eight numbers anywhere in memory. Sums are kept in lanes, for a compiler may not reorder a sum by itself. */
typedef double Lane __attribute__((vector_size(lane * sizeof(double)), aligned(sizeof(double)), may_alias));

inline __attribute__((always_inline)) Lane load(const double* from) { return *reinterpret_cast<const Lane*>(from); }
inline __attribute__((always_inline)) void store(const Lane& value, double* to) {
  *reinterpret_cast<Lane*>(to) = value;
}
inline __attribute__((always_inline)) double total(const Lane& value) {
  return ((value[0] + value[1]) + (value[2] + value[3])) + ((value[4] + value[5]) + (value[6] + value[7]));
}

/** c += alpha a b for `width` columns, two columns of `a` at a time. */
template <std::size_t width>
inline __attribute__((always_inline)) void add_symmetric_product(double alpha, ConstMatrixView a, ConstMatrixView b,
                                                                 MatrixView c) {
  const std::size_t n = a.rows;
  std::size_t j = 0;
  for (; j + 1 < n; j += 2) {
    const double* left = a.column(j);
    const double* right = a.column(j + 1);
    double x0[width];
    double x1[width];
    double dot0[width];
    double dot1[width];
    Lane sum0[width] = {};
    Lane sum1[width] = {};
    for (std::size_t k = 0; k < width; ++k) {
      x0[k] = alpha * b(j, k);
      x1[k] = alpha * b(j + 1, k);
      dot0[k] = left[j] * b(j, k) + left[j + 1] * b(j + 1, k);
      dot1[k] = left[j + 1] * b(j, k) + right[j + 1] * b(j + 1, k);
    }
    std::size_t i = j + 2;
    for (; i + lane <= n; i += lane) {
      const Lane l = load(left + i);
      const Lane r = load(right + i);
      for (std::size_t k = 0; k < width; ++k) {
        const Lane x = load(b.column(k) + i);
        double* y = c.column(k) + i;
        store(load(y) + l * x0[k] + r * x1[k], y);
        sum0[k] += l * x;
        sum1[k] += r * x;
      }
    }
    for (; i < n; ++i) {
      for (std::size_t k = 0; k < width; ++k) {
        c(i, k) += left[i] * x0[k] + right[i] * x1[k];
        dot0[k] += left[i] * b(i, k);
        dot1[k] += right[i] * b(i, k);
      }
    }
    for (std::size_t k = 0; k < width; ++k) {
      c(j, k) += alpha * (dot0[k] + total(sum0[k]));
      c(j + 1, k) += alpha * (dot1[k] + total(sum1[k]));
    }
  }
  if (j < n) {
    for (std::size_t k = 0; k < width; ++k) c(j, k) += alpha * a(j, j) * b(j, k);
  }
}

TRAMONTANA_VECTORISED void add_symmetric_product_1(double alpha, ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  add_symmetric_product<1>(alpha, a, b, c);
}
TRAMONTANA_VECTORISED void add_symmetric_product_2(double alpha, ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  add_symmetric_product<2>(alpha, a, b, c);
}
TRAMONTANA_VECTORISED void add_symmetric_product_3(double alpha, ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  add_symmetric_product<3>(alpha, a, b, c);
}
TRAMONTANA_VECTORISED void add_symmetric_product_4(double alpha, ConstMatrixView a, ConstMatrixView b, MatrixView c) {
  add_symmetric_product<4>(alpha, a, b, c);
}

/** out += weight x y, elementwise; returns sum x y w. */
TRAMONTANA_VECTORISED double add_products(const double* __restrict x, const double* __restrict y,
                                          const double* __restrict w, double weight, double* __restrict out,
                                          std::size_t count) {
  Lane sum = {};
  std::size_t i = 0;
  for (; i + lane <= count; i += lane) {
    const Lane product = load(x + i) * load(y + i);
    store(load(out + i) + product * weight, out + i);
    sum += product * load(w + i);
  }
  double rest = 0.0;
  for (; i < count; ++i) {
    const double product = x[i] * y[i];
    out[i] += product * weight;
    rest += product * w[i];
  }
  return total(sum) + rest;
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
  Lane sum = {};
  std::size_t i = 0;
  for (; i + lane <= count; i += lane) sum += load(x + i) * load(y + i);
  double rest = 0.0;
  for (; i < count; ++i) rest += x[i] * y[i];
  return total(sum) + rest;
}

void symmetric_multiply_narrow(double alpha, ConstMatrixView a, ConstMatrixView b, double beta, MatrixView c) {
  for (std::size_t k = 0; k < c.columns; ++k) {
    double* column = c.column(k);
    // Zero means "not read", as above.
    for (std::size_t i = 0; i < c.rows; ++i) column[i] = beta == 0.0 ? 0.0 : beta * column[i];
  }
  for (std::size_t first = 0; first < c.columns;) {
    const std::size_t left = c.columns - first;
    const std::size_t width = std::min<std::size_t>(left, 4);
    const auto from = b.block(0, first, b.rows, width);
    const auto to = c.block(0, first, c.rows, width);
    if (width == 4) {
      add_symmetric_product_4(alpha, a, from, to);
    } else if (width == 3) {
      add_symmetric_product_3(alpha, a, from, to);
    } else if (width == 2) {
      add_symmetric_product_2(alpha, a, from, to);
    } else {
      add_symmetric_product_1(alpha, a, from, to);
    }
    first += width;
  }
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

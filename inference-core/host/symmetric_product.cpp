// SPDX-License-Identifier: Apache-2.0
#include "host/symmetric_product.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "host/blas_threads.hpp"
#include "host/quad.hpp"
#include "host/vectorised.hpp"

namespace tramontana::host {
namespace {

/** Columns of the matrix that stay in the cache while all columns of the right-hand side pass by. */
constexpr std::size_t columns_in_cache = 16;

/** Four columns of a few, side by side: each row is a quad. What is beyond them is zero. */
class QuadColumns {
 public:
  QuadColumns(std::size_t num_rows, std::size_t num_columns)
      : num_rows_(num_rows), values_((num_columns + quad - 1) / quad * quad * num_rows, 0.0) {}

  [[nodiscard]] std::size_t num_groups() const { return values_.size() / (quad * std::max<std::size_t>(num_rows_, 1)); }
  [[nodiscard]] double* group(std::size_t index) { return values_.data() + index * quad * num_rows_; }
  [[nodiscard]] double& operator()(std::size_t row, std::size_t column) {
    return group(column / quad)[row * quad + column % quad];
  }

 private:
  std::size_t num_rows_;
  std::vector<double> values_;
};

/** y += a_j x_j' + a_j' x of `width` columns of a lower triangle from `j` on, both ways at one reading. */
template <std::size_t width>
inline __attribute__((always_inline)) void add_columns(ConstMatrixView a, std::size_t j, const double* x, double* y) {
  const double* column[width];
  Quad own[width];
  Quad sum[width] = {};
  for (std::size_t p = 0; p < width; ++p) {
    column[p] = a.column(j + p);
    own[p] = load(x + (j + p) * quad);
  }
  for (std::size_t p = 0; p < width; ++p) {
    sum[p] += column[p][j + p] * own[p];
    for (std::size_t q = p + 1; q < width; ++q) {
      sum[p] += column[p][j + q] * own[q];
      sum[q] += column[p][j + q] * own[p];
    }
  }
  for (std::size_t i = j + width; i < a.rows; ++i) {
    const Quad right = load(x + i * quad);
    Quad out = load(y + i * quad);
    for (std::size_t p = 0; p < width; ++p) {
      const double value = column[p][i];
      out += value * own[p];
      sum[p] += value * right;
    }
    store(out, y + i * quad);
  }
  for (std::size_t p = 0; p < width; ++p) store(load(y + (j + p) * quad) + sum[p], y + (j + p) * quad);
}

TRAMONTANA_VECTORISED void add_product(ConstMatrixView a, std::size_t first, std::size_t last, const double* x,
                                       double* y) {
  std::size_t j = first;
  for (; j + 3 < last; j += 4) add_columns<4>(a, j, x, y);
  for (; j < last; ++j) add_columns<1>(a, j, x, y);
}

}  // namespace

void symmetric_multiply_narrow(double alpha, ConstMatrixView a, ConstMatrixView b, double beta, MatrixView c) {
  const std::size_t n = a.rows;
  QuadColumns x(n, c.columns);
  for (std::size_t k = 0; k < c.columns; ++k) {
    for (std::size_t i = 0; i < n; ++i) x(i, k) = b(i, k);
  }
  std::array<QuadColumns, 2> y{QuadColumns(n, c.columns), QuadColumns(n, c.columns)};
  // As much of the triangle to the left of the cut as to its right.
  const auto cut = static_cast<std::size_t>(static_cast<double>(n) * (1.0 - std::sqrt(0.5)));
  const auto multiply = [&](QuadColumns& out, std::size_t begin, std::size_t end) {
    for (std::size_t first = begin; first < end; first += columns_in_cache) {
      const std::size_t last = std::min(end, first + columns_in_cache);
      for (std::size_t group = 0; group < x.num_groups(); ++group) {
        add_product(a, first, last, x.group(group), out.group(group));
      }
    }
  };
  const auto left = [&] { multiply(y[0], 0, cut); };
  const auto right = [&] { multiply(y[1], cut, n); };
  const auto size = static_cast<double>(n);
  if (is_for_pair(2.0 * size * size * static_cast<double>(c.columns))) {
    run_pair(left, right);
  } else {
    left();
    right();
  }
  for (std::size_t k = 0; k < c.columns; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      const double sum = alpha * (y[0](i, k) + y[1](i, k));
      // As in BLAS, what was there does not matter when beta is zero, not even if it is not a number.
      c(i, k) = beta == 0.0 ? sum : sum + beta * c(i, k);
    }
  }
}

}  // namespace tramontana::host

// SPDX-License-Identifier: Apache-2.0
#include "host/small_inverse.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "host/quad.hpp"
#include "host/vectorised.hpp"

namespace tramontana::host {
namespace {

/** Order of the tiles: two quads of rows; four columns of them fit the registers of any machine. */
constexpr std::size_t tile = 2 * quad;
constexpr std::size_t padded = (small_order + tile - 1) / tile * tile;

/** A local copy, column-major with `padded` rows, aligned for whole columns of tiles. */
struct alignas(64) SmallMatrix {
  double values[padded * padded];

  [[nodiscard]] double& operator()(std::size_t i, std::size_t j) { return values[j * padded + i]; }
  [[nodiscard]] double* at(std::size_t i, std::size_t j) { return values + j * padded + i; }
};

/** A tile in hand. */
struct Tile {
  Quad upper[tile];
  Quad lower[tile];
};

inline __attribute__((always_inline)) Tile load_tile(const double* from) {
  Tile result;
  for (std::size_t j = 0; j < tile; ++j) {
    result.upper[j] = load(from + j * padded);
    result.lower[j] = load(from + j * padded + quad);
  }
  return result;
}

inline __attribute__((always_inline)) void store_tile(const Tile& from, double* to, std::size_t stride) {
  for (std::size_t j = 0; j < tile; ++j) {
    store(from.upper[j], to + j * stride);
    store(from.lower[j], to + j * stride + quad);
  }
}

/** tile(i, j) = sum_k a(i, k) b(j, k); `a` has columns of distance `padded`, `b` strides of its own. */
inline __attribute__((always_inline)) Tile product(const double* a, const double* b, std::size_t stride_j,
                                                   std::size_t stride_k, std::size_t count) {
  Tile result;
  // Half of the columns at a time: their sums stay in registers.
  for (std::size_t first = 0; first < tile; first += quad) {
    Quad upper[quad] = {};
    Quad lower[quad] = {};
    for (std::size_t k = 0; k < count; ++k) {
      const Quad above = load(a + k * padded);
      const Quad below = load(a + k * padded + quad);
      for (std::size_t j = 0; j < quad; ++j) {
        const double factor = b[(first + j) * stride_j + k * stride_k];
        upper[j] += above * factor;
        lower[j] += below * factor;
      }
    }
    for (std::size_t j = 0; j < quad; ++j) {
      result.upper[first + j] = upper[j];
      result.lower[first + j] = lower[j];
    }
  }
  return result;
}

/** A tile on the diagonal <- L^-1, zeros above; returns the column of a pivot that is not positive, or `tile`. */
std::size_t invert_tile_factor(double* a) {
  double factor[tile][tile];
  double inverse[tile][tile] = {};
  for (std::size_t k = 0; k < tile; ++k) {
    for (std::size_t i = k; i < tile; ++i) {
      double value = a[k * padded + i];
      for (std::size_t l = 0; l < k; ++l) value -= factor[i][l] * factor[k][l];
      factor[i][k] = value;
    }
    const double pivot = factor[k][k];
    // The inverse of a subnormal number is none.
    if (!(pivot >= std::numeric_limits<double>::min())) {
      a[k * padded + k] = pivot;
      return k;
    }
    const double inverse_root = 1.0 / std::sqrt(pivot);
    for (std::size_t i = k; i < tile; ++i) factor[i][k] *= inverse_root;
    inverse[k][k] = inverse_root;
    for (std::size_t j = 0; j < k; ++j) {
      double sum = 0.0;
      for (std::size_t l = j; l < k; ++l) sum += factor[k][l] * inverse[l][j];
      inverse[k][j] = -inverse_root * sum;
    }
  }
  for (std::size_t j = 0; j < tile; ++j) {
    for (std::size_t i = 0; i < tile; ++i) a[j * padded + i] = inverse[i][j];
  }
  return tile;
}

/**
 * Left-looking Cholesky by columns of tiles; the tiles on the diagonal become the inverses of their factors.
 * Returns the pivot at which it broke down, or `order`.
 */
TRAMONTANA_VECTORISED std::size_t factorise(SmallMatrix& w, std::size_t order) {
  alignas(64) double scratch[tile * padded];
  for (std::size_t column = 0; column < order; column += tile) {
    for (std::size_t row = column; row < order; row += tile) {
      const Tile known = product(w.at(row, 0), w.at(column, 0), 1, padded, column);
      Tile rest = load_tile(w.at(row, column));
      for (std::size_t j = 0; j < tile; ++j) {
        rest.upper[j] -= known.upper[j];
        rest.lower[j] -= known.lower[j];
      }
      if (row == column) {
        store_tile(rest, w.at(row, column), padded);
        const std::size_t failed = invert_tile_factor(w.at(row, column));
        if (failed < tile) return column + failed;
      } else {
        store_tile(rest, scratch, padded);
        store_tile(product(scratch, w.at(column, column), 1, padded, tile), w.at(row, column), padded);
      }
    }
  }
  return order;
}

/** X_IJ = -L_II^-1 sum_{J <= K < I} L_IK X_KJ in place, column by column of tiles. */
TRAMONTANA_VECTORISED void invert_factor(SmallMatrix& w, std::size_t order) {
  alignas(64) double scratch[tile * tile];
  for (std::size_t column = 0; column < order; column += tile) {
    for (std::size_t row = column + tile; row < order; row += tile) {
      Tile known = product(w.at(row, column), w.at(column, column), padded, 1, row - column);
      for (std::size_t j = 0; j < tile; ++j) {
        known.upper[j] = -known.upper[j];
        known.lower[j] = -known.lower[j];
      }
      store_tile(known, scratch, tile);
      store_tile(product(w.at(row, row), scratch, tile, 1, tile), w.at(row, column), padded);
    }
  }
}

/** Lower tiles of x <- x' x; `rows` holds x'. */
TRAMONTANA_VECTORISED void square(SmallMatrix& x, const SmallMatrix& rows, std::size_t order) {
  for (std::size_t column = 0; column < order; column += tile) {
    for (std::size_t row = column; row < order; row += tile) {
      store_tile(product(rows.values + row * padded + row, x.at(row, column), padded, 1, order - row),
                 x.at(row, column), padded);
    }
  }
}

std::size_t whole_tiles(std::size_t order) { return (order + tile - 1) / tile * tile; }

/** The lower triangle, zeros above, padded with an identity to whole tiles. */
void copy_lower(ConstMatrixView source, SmallMatrix& target) {
  const std::size_t rows = whole_tiles(source.rows);
  for (std::size_t j = 0; j < rows; ++j) {
    std::fill_n(target.at(0, j), rows, 0.0);
    if (j < source.rows) {
      std::copy(source.column(j) + j, source.column(j) + source.rows, target.at(j, j));
    } else {
      target(j, j) = 1.0;
    }
  }
}

void copy_back(SmallMatrix& source, MatrixView target) {
  for (std::size_t j = 0; j < target.rows; ++j) {
    std::copy(source.at(j, j), source.at(target.rows, j), target.column(j) + j);
  }
}

}  // namespace

std::optional<PivotFailure> invert_small_factor(MatrixView a) {
  SmallMatrix w;
  copy_lower(a, w);
  const std::size_t order = whole_tiles(a.rows);
  const std::size_t failed = factorise(w, order);
  if (failed < order) return PivotFailure{failed, w(failed, failed)};
  invert_factor(w, order);
  copy_back(w, a);
  return std::nullopt;
}

void square_small_factor(MatrixView x) {
  SmallMatrix w;
  SmallMatrix rows;
  copy_lower(x, w);
  const std::size_t order = whole_tiles(x.rows);
  for (std::size_t j = 0; j < order; ++j) {
    for (std::size_t i = 0; i < order; ++i) rows(j, i) = w(i, j);
  }
  square(w, rows, order);
  copy_back(w, x);
}

}  // namespace tramontana::host

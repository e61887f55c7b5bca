// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/information_mean.hpp"

#include <algorithm>
#include <cmath>

#include "inference/posterior/small_dense.hpp"

namespace tramontana {
namespace {

/** Ratios beyond these are a missing direction of one of the two, not a distance. */
constexpr double largest_ratio = 1e6;
/** Share of the average information that a direction without Fisher information is given. */
constexpr double smallest_share = 1e-6;

/** (q - 1) / log q; its series where that is 0/0. */
double mean_with_one(double q) {
  const double log_ratio = std::log(q);
  if (std::abs(log_ratio) < 1e-4) return 1.0 + 0.5 * log_ratio + log_ratio * log_ratio / 6.0;
  return std::expm1(log_ratio) / log_ratio;
}

DenseMatrix symmetric_part(std::span<const double> row_major, std::size_t d) {
  DenseMatrix m(d, d);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) m(i, j) = 0.5 * (row_major[i * d + j] + row_major[j * d + i]);
  }
  return m;
}

DenseMatrix transposed(const DenseMatrix& m) {
  DenseMatrix result(m.columns(), m.rows());
  for (std::size_t i = 0; i < m.rows(); ++i) {
    for (std::size_t j = 0; j < m.columns(); ++j) result(j, i) = m(i, j);
  }
  return result;
}

}  // namespace

std::vector<double> logarithmic_mean(const Backend& backend, std::span<const double> average,
                                     std::span<const double> fisher) {
  std::size_t d = 0;
  while (d * d < average.size()) ++d;
  const auto a = symmetric_part(average, d);
  auto f = symmetric_part(fisher, d);
  // Where data are many orders larger than the model expects, rounding can leave a variance of scores below zero.
  const auto share_of = [&](std::size_t i) { return std::max(a(i, i), 0.0) + std::max(f(i, i), 0.0); };
  double largest = 0.0;
  for (std::size_t i = 0; i < d; ++i) largest = std::max(largest, share_of(i));
  // Relative to each component, so that the result does not depend on the units of theta.
  for (std::size_t i = 0; i < d; ++i) {
    f(i, i) += smallest_share * share_of(i) + 1e-12 * largest + 1e-300;
  }
  const auto factor = small_cholesky(f, "Fisher information");
  const auto inverse_factor = small_triangular_inverse(factor);
  auto vectors = small_product(small_product(inverse_factor, false, a), false, transposed(inverse_factor));
  const auto ratios = backend.dense().symmetric_eigen(vectors.view());
  const auto directions = small_product(factor, false, vectors);
  std::vector<double> mean(d * d, 0.0);
  for (std::size_t k = 0; k < d; ++k) {
    const double weight = mean_with_one(std::clamp(ratios[k], 1.0 / largest_ratio, largest_ratio));
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) mean[i * d + j] += weight * directions(i, k) * directions(j, k);
    }
  }
  return mean;
}

}  // namespace tramontana

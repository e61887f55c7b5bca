// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/trust_region.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "inference/posterior/small_dense.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

DenseMatrix dense_copy(std::span<const double> row_major, std::size_t d) {
  DenseMatrix m(d, d);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) m(i, j) = 0.5 * (row_major[i * d + j] + row_major[j * d + i]);
  }
  return m;
}

std::vector<std::size_t> free_components(const std::vector<bool>& held) {
  std::vector<std::size_t> result;
  for (std::size_t i = 0; i < held.size(); ++i) {
    if (!held[i]) result.push_back(i);
  }
  return result;
}

std::vector<double> free_part(std::span<const double> matrix, std::size_t d, const std::vector<std::size_t>& free) {
  std::vector<double> part(free.size() * free.size());
  for (std::size_t a = 0; a < free.size(); ++a) {
    for (std::size_t b = 0; b < free.size(); ++b) part[a * free.size() + b] = matrix[free[a] * d + free[b]];
  }
  return part;
}

/** Eigenvalues of the free part of `matrix` relative to that of `positive` = L L', and L times the eigenvectors. */
struct RelativeEigen {
  std::vector<double> values;
  DenseMatrix directions;
};

RelativeEigen relative_eigen(const Backend& backend, std::span<const double> matrix, std::span<const double> positive,
                             std::size_t d, const std::vector<std::size_t>& free) {
  const std::size_t count = free.size();
  auto metric = dense_copy(free_part(positive, d, free), count);
  double largest = 0.0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, metric(i, i));
  // A direction without information would not have a Cholesky factor; this much is rounding beside the others.
  for (std::size_t i = 0; i < count; ++i) metric(i, i) += 1e-10 * metric(i, i) + 1e-12 * largest + 1e-300;
  const auto factor = small_cholesky(metric, "curvature of the objective");
  const auto inverse_factor = small_triangular_inverse(factor);
  DenseMatrix transposed(count, count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < count; ++j) transposed(j, i) = inverse_factor(i, j);
  }
  const auto symmetric = dense_copy(free_part(matrix, d, free), count);
  auto vectors = small_product(small_product(inverse_factor, false, symmetric), false, transposed);
  auto values = backend.dense().symmetric_eigen(vectors.view());
  return {std::move(values), small_product(factor, false, vectors)};
}

}  // namespace

TrustRegionStep trust_region_step(const Backend& backend, std::span<const double> gradient,
                                  std::span<const double> curvature, double radius) {
  const std::size_t d = gradient.size();
  auto vectors = dense_copy(curvature, d);
  auto values = backend.dense().symmetric_eigen(vectors.view());
  // A direction flatter than 1e-10 of the steepest one is rounding; the radius decides there.
  const double floor = std::max(1e-10 * values.back(), 1e-12);
  for (auto& value : values) value = std::max(value, floor);
  std::vector<double> projected(d, 0.0);
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t i = 0; i < d; ++i) projected[j] += vectors(i, j) * gradient[i];
  }
  const auto length_at = [&](double shift) {
    double sum = 0.0;
    for (std::size_t j = 0; j < d; ++j) {
      const double component = projected[j] / (values[j] + shift);
      sum += component * component;
    }
    return std::sqrt(sum);
  };
  double shift = 0.0;
  if (length_at(0.0) > radius) {
    // 1/length is nearly linear in the shift, so Newton's method on it converges from the left in a few steps.
    for (int iteration = 0; iteration < 100; ++iteration) {
      const double length = length_at(shift);
      if (std::abs(length - radius) <= 1e-12 * radius) break;
      double slope = 0.0;
      for (std::size_t j = 0; j < d; ++j) {
        slope += projected[j] * projected[j] / std::pow(values[j] + shift, 3);
      }
      shift = std::max(0.0, shift + length * length / slope * (length - radius) / radius);
    }
  }
  TrustRegionStep result{std::vector<double>(d, 0.0), 0.0, 0.0};
  for (std::size_t j = 0; j < d; ++j) {
    const double component = -projected[j] / (values[j] + shift);
    result.predicted_reduction -= component * (projected[j] + 0.5 * values[j] * component);
    for (std::size_t i = 0; i < d; ++i) result.step[i] += vectors(i, j) * component;
  }
  for (const double s : result.step) result.length += s * s;
  result.length = std::sqrt(result.length);
  return result;
}

TrustRegionStep trust_region_step(const Backend& backend, std::span<const double> gradient,
                                  std::span<const double> curvature, double radius, const StepBounds& bounds,
                                  std::vector<bool> held) {
  const std::size_t d = gradient.size();
  TrustRegionStep result{std::vector<double>(d, 0.0), 0.0, 0.0};
  double room = radius * radius;
  for (bool crossed = true; crossed;) {
    crossed = false;
    const auto free = free_components(held);
    if (free.empty() || !(room > 0.0)) break;
    // The components that stopped at a bound pull at the others through the curvature.
    std::vector<double> slope;
    for (const auto i : free) {
      slope.push_back(gradient[i]);
      for (std::size_t j = 0; j < d; ++j) {
        if (held[j]) slope.back() += curvature[i * d + j] * result.step[j];
      }
    }
    const auto inner = trust_region_step(backend, slope, free_part(curvature, d, free), std::sqrt(room));
    for (std::size_t a = 0; a < free.size(); ++a) {
      const std::size_t i = free[a];
      result.step[i] = std::clamp(inner.step[a], bounds.lower[i], bounds.upper[i]);
      if (result.step[i] == inner.step[a]) continue;
      held[i] = true;
      room -= result.step[i] * result.step[i];
      crossed = true;
    }
  }
  for (std::size_t i = 0; i < d; ++i) {
    double product = 0.0;
    for (std::size_t j = 0; j < d; ++j) product += curvature[i * d + j] * result.step[j];
    result.predicted_reduction -= result.step[i] * (gradient[i] + 0.5 * product);
    result.length += result.step[i] * result.step[i];
  }
  result.predicted_reduction = std::max(result.predicted_reduction, 0.0);
  result.length = std::sqrt(result.length);
  return result;
}

std::vector<double> bounded_curvature(const Backend& backend, std::span<const double> observed,
                                      std::span<const double> positive, double smallest,
                                      const std::vector<bool>& held) {
  const std::size_t d = held.size();
  const auto free = free_components(held);
  const std::size_t count = free.size();
  std::vector<double> result(d * d, 0.0);
  for (std::size_t i = 0; i < d; ++i) result[i * d + i] = held[i] ? 1.0 : 0.0;
  if (count == 0) return result;
  const auto [values, directions] = relative_eigen(backend, observed, positive, d, free);
  for (std::size_t k = 0; k < count; ++k) {
    const double value = std::max(std::abs(values[k]), smallest);
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = 0; b < count; ++b) {
        result[free[a] * d + free[b]] += value * directions(a, k) * directions(b, k);
      }
    }
  }
  return result;
}

double relative_size(const Backend& backend, std::span<const double> matrix, std::span<const double> positive,
                     const std::vector<bool>& held) {
  const auto free = free_components(held);
  if (free.empty()) return 0.0;
  const auto values = relative_eigen(backend, matrix, positive, held.size(), free).values;
  return std::max(std::abs(values.front()), std::abs(values.back()));
}

LowestCurvature lowest_curvature(const Backend& backend, std::span<const double> matrix,
                                 const std::vector<bool>& held) {
  const auto free = free_components(held);
  LowestCurvature result{0.0, 0.0, std::vector<double>(held.size(), 0.0)};
  if (free.empty()) return result;
  auto vectors = dense_copy(free_part(matrix, held.size(), free), free.size());
  const auto values = backend.dense().symmetric_eigen(vectors.view());
  result.smallest = values.front();
  result.largest = values.back();
  for (std::size_t a = 0; a < free.size(); ++a) result.direction[free[a]] = vectors(a, 0);
  return result;
}

std::vector<double> symmetric_inverse(const Backend& backend, std::span<const double> matrix,
                                      const std::vector<bool>& held, const char* what) {
  const std::size_t d = held.size();
  const auto free = free_components(held);
  const auto part = symmetric_inverse(backend, free_part(matrix, d, free), what);
  std::vector<double> inverse(d * d, 0.0);
  for (std::size_t a = 0; a < free.size(); ++a) {
    for (std::size_t b = 0; b < free.size(); ++b) inverse[free[a] * d + free[b]] = part[a * free.size() + b];
  }
  return inverse;
}

std::vector<double> symmetric_inverse(const Backend& backend, std::span<const double> matrix, const char* what) {
  std::size_t d = 0;
  while (d * d < matrix.size()) ++d;
  auto m = dense_copy(matrix, d);
  const auto outcome = backend.dense().invert_positive_definite(m.view());
  if (outcome.failure) {
    throw NotPositiveDefinite(std::string("The ") + what + " must be positive definite, found the pivot " +
                                  std::to_string(outcome.failure->value) + " at component " +
                                  std::to_string(outcome.failure->pivot) + ".",
                              {{"block", std::string(what)},
                               {"pivot", static_cast<std::int64_t>(outcome.failure->pivot)},
                               {"pivotValue", outcome.failure->value}});
  }
  std::vector<double> inverse(d * d);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j <= i; ++j) inverse[i * d + j] = inverse[j * d + i] = m(i, j);
  }
  return inverse;
}

}  // namespace tramontana

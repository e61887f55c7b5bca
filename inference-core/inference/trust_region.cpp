// SPDX-License-Identifier: Apache-2.0
#include "inference/trust_region.hpp"

#include <algorithm>
#include <cmath>
#include <string>

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

}  // namespace

TrustRegionStep trust_region_step(const Backend& backend, std::span<const double> gradient,
                                  std::span<const double> curvature, double radius) {
  const std::size_t d = gradient.size();
  auto vectors = dense_copy(curvature, d);
  auto values = backend.symmetric_eigen(vectors.view());
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

std::vector<double> symmetric_inverse(const Backend& backend, std::span<const double> matrix, const char* what) {
  std::size_t d = 0;
  while (d * d < matrix.size()) ++d;
  auto m = dense_copy(matrix, d);
  const auto outcome = backend.invert_positive_definite(m.view());
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

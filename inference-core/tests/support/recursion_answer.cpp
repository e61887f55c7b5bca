// SPDX-License-Identifier: Apache-2.0
#include "support/recursion_answer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "kernels/coupling_kernels.hpp"
#include "reference/reference_backend.hpp"

namespace tramontana::testing {
namespace {

void add_link(const BlockSequence& sequence, const BlockKernels& kernels, const CovarianceLink& link, Answer& answer) {
  const std::size_t n = sequence.block_size();
  auto inverse = downloaded(kernels, link.previous_inverse);
  mirror_lower(inverse.view());
  auto coupled = DenseMatrix::zero(n, n);
  add_coupled(kernels, 1.0, *link.coupling, Transpose::no, std::as_const(inverse).view(), coupled.view());
  DenseMatrix product(n, n);
  kernels.symmetric_multiply(-link.count, link.covariance, std::as_const(coupled).view(), 0.0, product.view());
  const auto offset = static_cast<std::size_t>(sequence.coupling_tag(link.step - 1)) * n * n;
  if (answer.cross_covariances.size() < offset + n * n) answer.cross_covariances.resize(offset + n * n);
  for (std::size_t i = 0; i < n * n; ++i) answer.cross_covariances[offset + i] += product.data()[i];
}

}  // namespace

Answer answer_of(const BlockSequence& sequence, const Factor& factor, const BlockKernels& kernels) {
  const std::size_t n = sequence.block_size();
  Answer answer;
  answer.log_determinant = factor.log_determinant();
  BlockVector b(sequence.num_blocks(), n, 2);
  std::mt19937_64 random(4);
  std::normal_distribution<double> normal;
  for (std::size_t step = 0; step < b.num_blocks(); ++step) {
    for (std::size_t i = 0; i < 2 * n; ++i) b.block(step)(i % n, i / n) = normal(random);
  }
  factor.solve(b);
  for (std::size_t step = 0; step < b.num_blocks(); ++step) {
    for (std::size_t i = 0; i < 2 * n; ++i) answer.solution.push_back(b.block(step)(i % n, i / n));
  }
  answer.covariances.assign(sequence.num_blocks() * n * n, 0.0);
  const auto summary = factor.for_each_covariance(
      [&](const StepCovariance& group) {
        for (const auto step : group.steps) {
          ++answer.num_visited;
          const auto covariance = downloaded(kernels, group.covariance);
          for (std::size_t j = 0; j < n; ++j) {
            for (std::size_t i = j; i < n; ++i) answer.covariances[(step * n + j) * n + i] = covariance(i, j);
          }
        }
        for (const auto& link : group.links) add_link(sequence, kernels, link, answer);
      },
      CovarianceDetail::each_step);
  answer.method = summary.method;
  return answer;
}

Answer dense_answer(const RandomSequence& sequence) {
  const ReferenceBackend plain;
  const std::size_t n = sequence.block_size();
  auto inverse = sequence.dense();
  Answer answer;
  const auto outcome = plain.dense().invert_positive_definite(inverse.view());
  EXPECT_FALSE(outcome.failure);
  answer.log_determinant = outcome.log_determinant;
  const std::size_t size = inverse.rows();
  std::mt19937_64 random(4);
  std::normal_distribution<double> normal;
  DenseMatrix b(size, 2);
  for (std::size_t step = 0; step < sequence.num_blocks(); ++step) {
    for (std::size_t i = 0; i < 2 * n; ++i) b(step * n + i % n, i / n) = normal(random);
  }
  DenseMatrix x(size, 2);
  plain.dense().symmetric_multiply(1.0, std::as_const(inverse).view(), std::as_const(b).view(), 0.0, x.view());
  answer.covariances.assign(sequence.num_blocks() * n * n, 0.0);
  for (std::size_t step = 0; step < sequence.num_blocks(); ++step) {
    for (std::size_t i = 0; i < 2 * n; ++i) answer.solution.push_back(x(step * n + i % n, i / n));
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = j; i < n; ++i) {
        answer.covariances[(step * n + j) * n + i] = inverse(step * n + i, step * n + j);
      }
    }
    if (step == 0) continue;
    const auto offset = static_cast<std::size_t>(sequence.coupling_tag(step - 1)) * n * n;
    if (answer.cross_covariances.size() < offset + n * n) answer.cross_covariances.resize(offset + n * n);
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < n; ++i) {
        answer.cross_covariances[offset + j * n + i] += inverse(step * n + i, (step - 1) * n + j);
      }
    }
  }
  return answer;
}

void expect_close(const std::vector<double>& found, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  double scale = 0.0;
  double difference = 0.0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    scale = std::max(scale, std::abs(expected[i]));
    difference = std::max(difference, std::abs(found[i] - expected[i]));
  }
  EXPECT_LE(difference, tolerance * scale);
}

void expect_close(const Answer& found, const Answer& expected, double tolerance) {
  // A sum of as many logarithms of either sign as there are rows: their number is the scale, not their sum.
  EXPECT_NEAR(found.log_determinant, expected.log_determinant, tolerance * static_cast<double>(found.solution.size()));
  expect_close(found.solution, expected.solution, tolerance);
  expect_close(found.covariances, expected.covariances, tolerance);
  expect_close(found.cross_covariances, expected.cross_covariances, tolerance);
}

RandomSequence random_sequence(std::uint64_t seed, std::size_t num_steps, std::size_t size, CouplingKind kind) {
  std::mt19937_64 random(seed);
  std::vector<int> diagonals;
  while (diagonals.size() < num_steps) {
    const int tag = static_cast<int>(random() % 4);
    const auto length = random() % 3 == 0 ? 1 + random() % 30 : 1;
    for (std::size_t i = 0; i < length && diagonals.size() < num_steps; ++i) diagonals.push_back(tag);
  }
  std::vector<int> couplings(num_steps - 1, 0);
  if (random() % 3 == 0) {
    for (auto& tag : couplings) tag = random() % 8 == 0 ? 1 : 0;
  }
  if (random() % 2 == 0) std::copy(diagonals.rbegin(), diagonals.rend(), diagonals.begin());
  // Entries beside the diagonal of the coupling leave it less room.
  const double weakest = kind == CouplingKind::diagonal ? 0.25 : kind == CouplingKind::sparse ? 0.2 : 0.1;
  return {
      size, diagonals, couplings, kind, weakest * (1.0 + 0.08 * static_cast<double>(random() % 10)), random() % 2 == 0};
}

}  // namespace tramontana::testing

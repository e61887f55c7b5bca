// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "host/host_backend.hpp"
#include "reference/reference_backend.hpp"
#include "solver/selected_inverse.hpp"
#include "support/random_sequence.hpp"

namespace tramontana {
namespace {

using testing::CouplingKind;
using testing::RandomSequence;

RandomSequence irregular_sequence(CouplingKind kind) { return {7, {0, 1, 1, 2, 1, 0}, {0, 1, 1, 0, 1}, kind}; }

class EveryCoupling : public ::testing::TestWithParam<CouplingKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, EveryCoupling,
                         ::testing::Values(CouplingKind::diagonal, CouplingKind::sparse, CouplingKind::dense));

TEST_P(EveryCoupling, LogDeterminantSolutionAndCovarianceAgreeWithADenseInverse) {
  const auto sequence = irregular_sequence(GetParam());
  const HostBackend backend;
  auto inverse = sequence.dense();
  const std::size_t n = inverse.rows();
  const auto dense = inverse;
  const auto outcome = ReferenceBackend().dense().invert_positive_definite(inverse.view());
  ASSERT_FALSE(outcome.failure);

  const ForwardFilter filter(sequence, backend, {}, nullptr);
  // Well-conditioned blocks (cond < 10): a few hundred eps.
  EXPECT_NEAR(filter.log_determinant(), outcome.log_determinant, 1e-12);

  BlockVector b(sequence.num_blocks(), sequence.block_size(), 2);
  std::mt19937_64 random(9);
  std::normal_distribution<double> normal;
  DenseMatrix flat(n, 2);
  for (std::size_t column = 0; column < 2; ++column) {
    for (std::size_t i = 0; i < n; ++i) {
      flat(i, column) = normal(random);
      b.block(i / 7)(i % 7, column) = flat(i, column);
    }
  }
  filter.solve(sequence, backend, b);
  DenseMatrix expected(n, 2);
  ReferenceBackend().dense().symmetric_multiply(1.0, inverse.view(), flat.view(), 0.0, expected.view());
  for (std::size_t column = 0; column < 2; ++column) {
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(b.block(i / 7)(i % 7, column), expected(i, column), 1e-12);
  }

  for (const auto method : {SelectedInverseMethod::backward, SelectedInverseMethod::two_filter}) {
    std::vector<bool> seen(sequence.num_blocks(), false);
    for_each_covariance(sequence, filter, backend, {}, method, nullptr, [&](const StepCovariance& group) {
      for (const auto step : group.steps) {
        ASSERT_FALSE(seen[step]);
        seen[step] = true;
        const auto covariance = testing::downloaded(backend.blocks(), group.covariance);
        for (std::size_t j = 0; j < 7; ++j) {
          for (std::size_t i = j; i < 7; ++i) {
            EXPECT_NEAR(covariance(i, j), inverse(step * 7 + i, step * 7 + j), 1e-12);
          }
        }
      }
    });
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](bool value) { return value; }));
  }
}

RandomSequence steady_sequence() {
  std::vector<int> diagonals(60, 1);
  diagonals.front() = diagonals.back() = 0;
  return {9, diagonals, std::vector<int>(59, 0), CouplingKind::diagonal};
}

TEST(SteadyState, EqualsTheFullRecursion) {
  const auto sequence = steady_sequence();
  const HostBackend backend;
  const RecursionOptions full{.steady_state_tolerance = 0.0};
  const RecursionOptions truncating{.doubling = RecursionOptions::Doubling::never};
  const ForwardFilter truncated(sequence, backend, truncating, nullptr);
  const ForwardFilter complete(sequence, backend, full, nullptr);
  EXPECT_LT(truncated.num_distinct(), 30U);
  EXPECT_EQ(complete.num_distinct(), 60U);
  EXPECT_NEAR(truncated.log_determinant() / complete.log_determinant(), 1.0, 1e-12);
  for (const auto method : {SelectedInverseMethod::backward, SelectedInverseMethod::two_filter}) {
    std::vector<std::vector<double>> variances[2];
    for (int run = 0; run < 2; ++run) {
      variances[run].resize(60);
      const auto& filter = run == 0 ? truncated : complete;
      for_each_covariance(sequence, filter, backend, run == 0 ? truncating : full, method, nullptr,
                          [&](const StepCovariance& group) {
                            for (const auto step : group.steps) {
                              variances[run][step] = backend.blocks().diagonal(group.covariance);
                            }
                          });
    }
    for (std::size_t step = 0; step < 60; ++step) {
      for (std::size_t i = 0; i < 9; ++i) {
        EXPECT_NEAR(variances[0][step][i] / variances[1][step][i], 1.0, 1e-12);
      }
    }
  }
}

TEST(SteadyState, TakesTheMirroredBackwardFilterFromTheForwardOne) {
  const auto sequence = steady_sequence();
  const HostBackend backend;
  const RecursionOptions plain{.doubling = RecursionOptions::Doubling::never};
  const ForwardFilter filter(sequence, backend, plain, nullptr);
  const auto summary = for_each_covariance(
      sequence, filter, backend, plain, SelectedInverseMethod::automatic, nullptr, [&](const StepCovariance& group) {
        for (const auto step : group.steps) {
          EXPECT_NE(std::find(group.steps.begin(), group.steps.end(), 59 - step), group.steps.end());
        }
      });
  // Step t and its mirror image are one group; the groups are the transient steps of one side and the steady ones.
  EXPECT_EQ(summary.method, SelectedInverseMethod::two_filter);
  EXPECT_LE(summary.num_groups, filter.num_distinct() + 1);
  EXPECT_LT(summary.num_inversions, summary.num_groups);
  EXPECT_NE(summary.reason.find("mirror"), std::string::npos) << summary.reason;
}

TEST(SteadyState, GapsBreakTheTagsAndConvergenceResumes) {
  std::vector<int> diagonals(90, 1);
  diagonals[40] = 2;
  const RandomSequence sequence(9, diagonals, std::vector<int>(89, 0), CouplingKind::diagonal);
  const HostBackend backend;
  const ForwardFilter truncated(sequence, backend, {.doubling = RecursionOptions::Doubling::never}, nullptr);
  const ForwardFilter complete(sequence, backend, {.steady_state_tolerance = 0.0}, nullptr);
  EXPECT_LT(truncated.num_distinct(), 60U);
  EXPECT_NEAR(truncated.log_determinant() / complete.log_determinant(), 1.0, 1e-12);
}

TEST(ForwardFilter, NamesTheStepThatIsNotPositiveDefinite) {
  const RandomSequence sequence(5, {0, 0, 0, 0}, {0, 0, 0}, CouplingKind::diagonal, 1.5);
  try {
    const ForwardFilter filter(sequence, HostBackend(), {}, nullptr);
    FAIL() << "expected NotPositiveDefinite";
  } catch (const NotPositiveDefinite& error) {
    EXPECT_EQ(error.tag(), "NotPositiveDefinite");
    EXPECT_EQ(error.facts().front().first, "block");
    EXPECT_GE(std::get<std::int64_t>(error.facts().front().second), 1);
  }
}

TEST(ForwardFilter, StopsWhenCancelled) {
  CancellationToken token;
  token.cancel();
  const auto sequence = irregular_sequence(CouplingKind::diagonal);
  EXPECT_THROW(ForwardFilter(sequence, HostBackend(), {}, &token), Interrupted);
}

}  // namespace
}  // namespace tramontana

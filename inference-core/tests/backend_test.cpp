// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include "host/host_backend.hpp"
#include "reference/reference_backend.hpp"

namespace tramontana {
namespace {

DenseMatrix random_matrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  DenseMatrix m(rows, columns);
  for (std::size_t i = 0; i < rows * columns; ++i) m.data()[i] = normal(random);
  return m;
}

/** B B' + shift I, all entries. */
DenseMatrix random_positive_definite(std::size_t n, double shift, std::uint64_t seed) {
  const auto b = random_matrix(n, n, seed);
  DenseMatrix m(n, n);
  ReferenceBackend().dense().multiply(Transpose::no, Transpose::yes, 1.0, b.view(), b.view(), 0.0, m.view());
  for (std::size_t i = 0; i < n; ++i) m(i, i) += shift;
  return m;
}

double lower_difference(const DenseMatrix& a, const DenseMatrix& b) {
  double difference = 0.0;
  for (std::size_t j = 0; j < a.columns(); ++j) {
    for (std::size_t i = j; i < a.rows(); ++i) difference = std::max(difference, std::abs(a(i, j) - b(i, j)));
  }
  return difference;
}

// Sizes around and above the base order of the recursive inverse, odd ones included.
class InverseBySize : public ::testing::TestWithParam<std::size_t> {};

TEST_P(InverseBySize, HostInverseAgreesWithTheReference) {
  const std::size_t n = GetParam();
  const auto matrix = random_positive_definite(n, static_cast<double>(n), 7);
  auto host = matrix;
  auto reference = matrix;
  const auto host_outcome = HostBackend().dense().invert_positive_definite(host.view());
  const auto reference_outcome = ReferenceBackend().dense().invert_positive_definite(reference.view());
  ASSERT_FALSE(host_outcome.failure);
  ASSERT_FALSE(reference_outcome.failure);
  // cond <= 6 here: both are exact to a few hundred eps of entries below 1 / n.
  EXPECT_LT(lower_difference(host, reference), 1e-14);
  EXPECT_NEAR(host_outcome.log_determinant, reference_outcome.log_determinant, 1e-13 * n * std::log(n + 2.0) + 1e-14);
}

INSTANTIATE_TEST_SUITE_P(Sizes, InverseBySize, ::testing::Values(1, 2, 5, 95, 96, 97, 130, 211, 300));

TEST(PositiveDefiniteInverse, TimesTheMatrixIsTheIdentity) {
  const std::size_t n = 257;
  const auto matrix = random_positive_definite(n, 1.0, 3);
  auto inverse = matrix;
  ASSERT_FALSE(HostBackend().dense().invert_positive_definite(inverse.view()).failure);
  DenseMatrix product(n, n);
  HostBackend().dense().symmetric_multiply(1.0, inverse.view(), matrix.view(), 0.0, product.view());
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      // eps times the condition number, about 1e3 (eigenvalues from 1 to 4 n).
      ASSERT_NEAR(product(i, j), i == j ? 1.0 : 0.0, 1e-11);
    }
  }
}

TEST(PositiveDefiniteInverse, OneTwoAndManyThreadsAgree) {
  // Large enough that halves of halves go to two threads; order 613 splits unevenly at every level.
  const std::size_t n = 613;
  const auto half = random_matrix(n, n, 9);
  auto matrix = DenseMatrix::zero(n, n);
  HostBackend().dense().multiply(Transpose::no, Transpose::yes, 1.0, half.view(), half.view(), 0.0, matrix.view());
  for (std::size_t i = 0; i < n; ++i) matrix(i, i) += static_cast<double>(n);
  std::vector<DenseMatrix> inverses;
  std::vector<double> log_determinants;
  for (const int num_threads : {1, 2, 4}) {
    set_blas_threads(num_threads);
    auto inverse = matrix;
    const auto outcome = HostBackend().dense().invert_positive_definite(inverse.view());
    ASSERT_FALSE(outcome.failure);
    inverses.push_back(std::move(inverse));
    log_determinants.push_back(outcome.log_determinant);
  }
  set_blas_threads(2);
  for (std::size_t i = 1; i < inverses.size(); ++i) {
    // cond <= 5: a few eps of entries below 1 / n; the log determinant is a sum of n terms of size log(n).
    EXPECT_LT(lower_difference(inverses[i], inverses[0]), 1e-16);
    EXPECT_NEAR(log_determinants[i], log_determinants[0], 1e-13 * static_cast<double>(n) * std::log(n));
  }
}

TEST(PositiveDefiniteInverse, GradedMatricesKeepTheirRelativeAccuracy) {
  // S A S with S from 1 to 1e-8 has the inverse S^-1 A^-1 S^-1, entry by entry to rounding, though cond is 1e16.
  for (const std::size_t n : {std::size_t{61}, std::size_t{210}}) {
    const auto matrix = random_positive_definite(n, static_cast<double>(n), 31);
    auto expected = matrix;
    auto graded = matrix;
    const auto scale = [&](std::size_t i) { return std::pow(10.0, -8.0 * static_cast<double>(i) / (n - 1.0)); };
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = 0; i < n; ++i) graded(i, j) *= scale(i) * scale(j);
    }
    ASSERT_FALSE(ReferenceBackend().dense().invert_positive_definite(expected.view()).failure);
    ASSERT_FALSE(HostBackend().dense().invert_positive_definite(graded.view()).failure);
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = j; i < n; ++i) {
        // cond(A) <= 6 and n eps, against the diagonal of size 1 / n.
        ASSERT_NEAR(graded(i, j) * scale(i) * scale(j), expected(i, j), 1e-13 / static_cast<double>(n));
      }
    }
  }
}

TEST(PositiveDefiniteInverse, NamesThePivotThatFails) {
  for (const std::size_t bad : {std::size_t{0}, std::size_t{50}, std::size_t{180}}) {
    auto matrix = DenseMatrix::zero(200, 200);
    for (std::size_t i = 0; i < 200; ++i) matrix(i, i) = 1.0;
    matrix(bad, bad) = -2.0;
    for (const Backend* backend : {static_cast<const Backend*>(std::make_unique<HostBackend>().release()),
                                   static_cast<const Backend*>(std::make_unique<ReferenceBackend>().release())}) {
      const std::unique_ptr<const Backend> owned(backend);
      auto copy = matrix;
      const auto outcome = backend->dense().invert_positive_definite(copy.view());
      ASSERT_TRUE(outcome.failure);
      EXPECT_EQ(outcome.failure->pivot, bad);
      EXPECT_EQ(outcome.failure->value, -2.0);
    }
  }
}

TEST(PositiveDefiniteInverse, NotANumberIsAFailureNotAnAnswer) {
  auto matrix = random_positive_definite(150, 150.0, 5);
  matrix(120, 3) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(HostBackend().dense().invert_positive_definite(matrix.view()).failure);
}

TEST(Kernels, HostAgreesWithTheReference) {
  const std::size_t n = 230;
  const auto a = random_positive_definite(n, 1.0, 11);
  const auto b = random_matrix(n, n, 12);
  const HostAlgebra host;
  const ReferenceAlgebra reference;
  // Sums of n products of size up to 4 n: n eps of their size.
  const double tolerance = 1e-10;
  const auto compare = [&](auto&& call, bool lower_only) {
    auto x = random_matrix(n, n, 14);
    auto y = x;
    call(static_cast<const DenseAlgebra&>(host), x.view());
    call(static_cast<const DenseAlgebra&>(reference), y.view());
    double difference = 0.0;
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = lower_only ? j : 0; i < n; ++i)
        difference = std::max(difference, std::abs(x(i, j) - y(i, j)));
    }
    EXPECT_LT(difference, tolerance);
  };
  compare([&](const DenseAlgebra& k, MatrixView c) { k.symmetric_multiply(0.5, a.view(), b.view(), 2.0, c); }, false);
  for (const auto ta : {Transpose::no, Transpose::yes}) {
    for (const auto tb : {Transpose::no, Transpose::yes}) {
      compare([&](const DenseAlgebra& k, MatrixView c) { k.multiply(ta, tb, -1.5, a.view(), b.view(), 0.5, c); },
              false);
    }
  }
  compare([&](const DenseAlgebra& k,
              MatrixView c) { k.symmetric_result_multiply(Transpose::yes, 1.0, b.view(), b.view(), 1.0, c); },
          true);
}

TEST(Kernels, ProductsWithFewColumnsAgreeWithTheReference) {
  for (const std::size_t n : {std::size_t{1}, std::size_t{2}, std::size_t{17}, std::size_t{100}}) {
    const auto a = random_positive_definite(n, 1.0, 41);
    for (std::size_t width = 1; width <= 9; ++width) {
      const auto b = random_matrix(n, width, 42);
      for (const double beta : {0.0, -0.5}) {
        auto host = random_matrix(n, width, 43);
        auto reference = host;
        // Zero means "not read", whatever is there.
        if (beta == 0.0) host(0, 0) = std::numeric_limits<double>::quiet_NaN();
        HostBackend().dense().symmetric_multiply(1.5, a.view(), b.view(), beta, host.view());
        ReferenceBackend().dense().symmetric_multiply(1.5, a.view(), b.view(), beta, reference.view());
        for (std::size_t i = 0; i < n * width; ++i) {
          // Sums of n products of size up to 4 n.
          ASSERT_NEAR(host.data()[i], reference.data()[i], 1e-15 * 4.0 * static_cast<double>(n * n) + 1e-14);
        }
      }
    }
  }
}

TEST(IndependentTasks, AllRunAndTheFirstFailureIsRethrown) {
  set_blas_threads(2);
  for (const double flops : {1.0, 1e12}) {
    int ran[3] = {0, 0, 0};
    const std::vector<std::function<void()>> tasks{[&] { ran[0] = 1; }, [&] { ran[1] = 1; }, [&] { ran[2] = 1; }};
    HostBackend().tasks().run_independent(tasks, flops);
    EXPECT_EQ(ran[0] + ran[1] + ran[2], 3);
    const std::vector<std::function<void()>> failing{[] {}, [] { throw std::runtime_error("second"); },
                                                     [] { throw std::runtime_error("third"); }};
    const std::vector<std::function<void()>> pair(failing.begin(), failing.begin() + 2);
    EXPECT_THROW(HostBackend().tasks().run_independent(pair, flops), std::runtime_error);
    try {
      HostBackend().tasks().run_independent(failing, flops);
      FAIL() << "expected an exception";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "second");
    }
  }
}

TEST(SymmetricEigen, ReconstructsTheMatrixAndAscends) {
  const std::size_t n = 40;
  const auto matrix = random_positive_definite(n, 0.1, 21);
  auto host_vectors = matrix;
  auto reference_vectors = matrix;
  const auto host_values = HostBackend().dense().symmetric_eigen(host_vectors.view());
  const auto reference_values = ReferenceBackend().dense().symmetric_eigen(reference_vectors.view());
  for (std::size_t i = 0; i < n; ++i) {
    // Absolute accuracy eps |A| with |A| about 4 n.
    EXPECT_NEAR(host_values[i], reference_values[i], 1e-11);
    if (i > 0) {
      EXPECT_LE(host_values[i - 1], host_values[i]);
    }
  }
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      double host_sum = 0.0;
      double reference_sum = 0.0;
      for (std::size_t k = 0; k < n; ++k) {
        host_sum += host_vectors(i, k) * host_values[k] * host_vectors(j, k);
        reference_sum += reference_vectors(i, k) * reference_values[k] * reference_vectors(j, k);
      }
      ASSERT_NEAR(host_sum, matrix(i, j), 1e-11);
      ASSERT_NEAR(reference_sum, matrix(i, j), 1e-11);
    }
  }
}

}  // namespace
}  // namespace tramontana

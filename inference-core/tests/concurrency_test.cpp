// SPDX-License-Identifier: Apache-2.0
/** Computations side by side in one process: each gives the bits that it gives alone. */
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

#include "host/blas_threads.hpp"
#include "host/host_backend.hpp"
#include "matrix/dense.hpp"
#include "support/random_model.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

/** Everything that a computation says in numbers. */
using Bits = std::vector<double>;

bool are_equal(const Bits& a, const Bits& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

/** Preparation included: the spectral basis comes from LAPACK with all threads. */
Bits evaluated(const RandomModelOptions& options) {
  const auto model = prepare_model(random_model(options), host_backend());
  const auto found = evaluate(*model, random_theta(options), {.gradient = true, .latent = true});
  Bits bits{found.objective, found.log_determinant_posterior};
  bits.insert(bits.end(), found.gradient.begin(), found.gradient.end());
  bits.insert(bits.end(), found.latent_mean.begin(), found.latent_mean.end());
  bits.insert(bits.end(), found.marginal_variances.begin(), found.marginal_variances.end());
  return bits;
}

Bits eigenvalues(std::size_t order) {
  auto matrix = DenseMatrix::zero(order, order);
  for (std::size_t j = 0; j < order; ++j) {
    for (std::size_t i = j; i < order; ++i) matrix(i, j) = std::sin(static_cast<double>(1 + i * (j + 3)));
  }
  return host_backend().dense().symmetric_eigen(matrix.view());
}

Bits product(std::size_t order) {
  DenseMatrix a(order, order);
  for (std::size_t j = 0; j < order; ++j) {
    for (std::size_t i = 0; i < order; ++i) a(i, j) = std::cos(static_cast<double>(1 + i + 3 * j * j));
  }
  DenseMatrix c(order, order);
  host_backend().dense().multiply(Transpose::no, Transpose::yes, 1.0, a.view(), a.view(), 0.0, c.view());
  return {c.data(), c.data() + order * order};
}

/** How often a computation side by side with others differed from itself alone. */
int count_differences(const std::vector<std::function<Bits()>>& computations, int repetitions) {
  std::vector<Bits> alone;
  for (const auto& compute : computations) alone.push_back(compute());
  std::atomic<int> differences{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < computations.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int repetition = 0; repetition < repetitions; ++repetition) {
        if (!are_equal(computations[i](), alone[i])) ++differences;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return differences.load();
}

class SideBySide : public ::testing::TestWithParam<int> {
 protected:
  SideBySide() { set_blas_threads(GetParam()); }
  ~SideBySide() override { set_blas_threads(2); }
};

TEST_P(SideBySide, EvaluationsOfOneModelGiveTheBitsOfOneAlone) {
  const RandomModelOptions options{.grid = 12, .num_steps = 4};
  EXPECT_EQ(count_differences(std::vector<std::function<Bits()>>(3, [&] { return evaluated(options); }), 8), 0);
}

TEST_P(SideBySide, ModelsOfDifferentSizesAndKindsGiveTheirOwnBits) {
  const std::vector<RandomModelOptions> models{
      {.grid = 14, .num_steps = 3, .seed = 2},
      {.kind = ModelKind::spatial, .grid = 16, .num_steps = 1, .seed = 3},
      {.kind = ModelKind::separable, .num_processes = 2, .grid = 8, .num_steps = 6, .seed = 4}};
  std::vector<std::function<Bits()>> computations;
  for (const auto& options : models) computations.push_back([options] { return evaluated(options); });
  EXPECT_EQ(count_differences(computations, 6), 0);
}

TEST_P(SideBySide, LargeProductsAndDecompositionsDoNotSetEachOthersThreads) {
  // The product is cut in two or given to all threads; the decomposition has all threads; the small one has one.
  EXPECT_EQ(count_differences({[] { return product(420); }, [] { return eigenvalues(150); }, [] { return product(60); },
                               [] { return eigenvalues(90); }},
                              12),
            0);
}

INSTANTIATE_TEST_SUITE_P(Threads, SideBySide, ::testing::Values(1, 2, 3, 4, 8));

TEST(NumberOfThreads, IsThatOfTheStartWhereItIsFixed) {
  set_blas_threads(4);
  const auto expected = eigenvalues(150);
  Bits found;
  std::thread([&] {
    fix_blas_threads();
    set_blas_threads(1);
    found = eigenvalues(150);
  }).join();
  set_blas_threads(2);
  EXPECT_TRUE(are_equal(found, expected));
}

TEST(IndependentTasks, FromSeveralCallersAllRun) {
  set_blas_threads(4);
  std::atomic<int> ran{0};
  const std::vector<std::function<void()>> tasks(5, [&] { ++ran; });
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 20; ++i) host::run_independent(tasks, 1e12);
    });
  }
  for (auto& caller : callers) caller.join();
  set_blas_threads(2);
  EXPECT_EQ(ran.load(), 4 * 20 * 5);
}

}  // namespace
}  // namespace tramontana

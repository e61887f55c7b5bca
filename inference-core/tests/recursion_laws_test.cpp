// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "host/host_backend.hpp"
#include "solver/factor.hpp"
#include "solver/forward_filter.hpp"
#include "support/recursion_answer.hpp"

namespace tramontana {
namespace {

using testing::Answer;
using testing::answer_of;
using testing::CouplingKind;
using testing::dense_answer;
using testing::expect_close;
using testing::random_sequence;
using testing::RandomSequence;
using Doubling = RecursionOptions::Doubling;

Answer answer_of(const BlockSequence& sequence, const RecursionOptions& options, SelectedInverseMethod method) {
  const HostBackend backend;
  auto answer = answer_of(sequence, *factorise(sequence, backend, {options, method}, nullptr));
  if (method != SelectedInverseMethod::automatic) {
    EXPECT_EQ(answer.method, method);
  }
  EXPECT_EQ(answer.num_visited, sequence.num_blocks());
  return answer;
}

class EveryCoupling : public ::testing::TestWithParam<CouplingKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, EveryCoupling,
                         ::testing::Values(CouplingKind::diagonal, CouplingKind::sparse, CouplingKind::dense));

TEST_P(EveryCoupling, RandomPatternsAgreeWithADenseInverse) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    SCOPED_TRACE(seed);
    const auto sequence = random_sequence(seed, 2 + seed, 5, GetParam());
    const auto expected = dense_answer(sequence);
    for (const auto method : {SelectedInverseMethod::automatic, SelectedInverseMethod::backward,
                              SelectedInverseMethod::two_filter, SelectedInverseMethod::two_sided}) {
      // Condition numbers below 100; the steady state adds 1e-13.
      expect_close(answer_of(sequence, {}, method), expected, 1e-12);
    }
  }
}

TEST_P(EveryCoupling, SteadyStateAndDoublingEqualTheFullRecursionWhateverThePattern) {
  const RecursionOptions full{.steady_state_tolerance = 0.0};
  for (std::uint64_t seed = 100; seed < 120; ++seed) {
    SCOPED_TRACE(seed);
    const auto sequence = random_sequence(seed, 40 + 3 * (seed - 100), 6, GetParam());
    const auto expected = answer_of(sequence, full, SelectedInverseMethod::two_filter);
    for (const auto doubling : {Doubling::never, Doubling::always}) {
      for (const auto method : {SelectedInverseMethod::backward, SelectedInverseMethod::two_filter}) {
        expect_close(answer_of(sequence, {.doubling = doubling}, method), expected, 1e-12);
      }
    }
  }
}

TEST_P(EveryCoupling, StatesAreTheDistinctOnesHoweverManyStepsThereAre) {
  std::vector<std::size_t> states;
  for (const std::size_t num_steps : {std::size_t{60}, std::size_t{120}, std::size_t{480}}) {
    std::vector<int> diagonals(num_steps, 1);
    diagonals.front() = diagonals.back() = 0;
    diagonals[20] = 2;
    const RandomSequence sequence(6, diagonals, std::vector<int>(num_steps - 1, 0), GetParam(), 0.15);
    states.push_back(ForwardFilter(sequence, HostBackend(), {.doubling = Doubling::never}, nullptr).num_distinct());
  }
  EXPECT_EQ(states[1], states[0]);
  EXPECT_EQ(states[2], states[0]);
}

TEST_P(EveryCoupling, AutomaticTakesTheCheaperWay) {
  const auto sequence = random_sequence(7, 20, 12, GetParam());
  const HostBackend backend;
  const ForwardFilter filter(sequence, backend, {}, nullptr);
  const auto cost = counted_cost(sequence, filter, backend, {});
  const auto summary = for_each_covariance(sequence, filter, backend, {}, SelectedInverseMethod::automatic, nullptr,
                                           [](const StepCovariance&) {});
  // Products with a dense coupling cost more than the inversions they save; those with a diagonal one cost nothing.
  if (GetParam() != CouplingKind::sparse) {
    EXPECT_EQ(summary.method,
              GetParam() == CouplingKind::dense ? SelectedInverseMethod::backward : SelectedInverseMethod::two_filter);
  }
  EXPECT_EQ(cost.backward < cost.two_filter, summary.method == SelectedInverseMethod::backward);
  EXPECT_NE(summary.reason.find("n^3 flops against"), std::string::npos) << summary.reason;
}

TEST(Order, IsTwoSidedWhereNoTwoStepsAreEqual) {
  std::vector<int> distinct(30);
  std::iota(distinct.begin(), distinct.end(), 0);
  const std::vector<int> one_coupling(29, 0);
  std::vector<int> mirrored(30);
  for (std::size_t step = 0; step < 30; ++step) mirrored[step] = static_cast<int>(std::min(step, 29 - step));
  const auto order_of = [](const BlockSequence& sequence) {
    const HostBackend backend;
    const auto factor = factorise(sequence, backend, {}, nullptr);
    return factor->for_each_covariance([](const StepCovariance&) {}, CovarianceDetail::sums).method;
  };
  using Method = SelectedInverseMethod;
  EXPECT_EQ(order_of(RandomSequence(4, distinct, one_coupling, CouplingKind::diagonal, 0.2, true)), Method::two_sided);
  EXPECT_EQ(order_of(RandomSequence(4, mirrored, one_coupling, CouplingKind::diagonal, 0.2, true)), Method::two_filter);
  EXPECT_EQ(order_of(RandomSequence(4, std::vector<int>(30, 0), one_coupling, CouplingKind::diagonal, 0.2)),
            Method::two_filter);
  // Products with a dense coupling cost more than inversions.
  EXPECT_EQ(order_of(RandomSequence(4, distinct, one_coupling, CouplingKind::dense, 0.1)), Method::backward);
}

TEST(TwoSides, NameTheStepThatIsNotPositiveDefiniteAndStopWhenCancelled) {
  std::vector<int> diagonals(9);
  std::iota(diagonals.begin(), diagonals.end(), 0);
  const HostBackend backend;
  const FactorOptions options{.recursion = {}, .method = SelectedInverseMethod::two_sided};
  try {
    (void)factorise(RandomSequence(4, diagonals, std::vector<int>(8, 0), CouplingKind::diagonal, 3.0), backend, options,
                    nullptr);
    FAIL() << "expected NotPositiveDefinite";
  } catch (const NotPositiveDefinite& error) {
    EXPECT_NE(std::string(error.what()).find("of time step 1 "), std::string::npos) << error.what();
  }
  CancellationToken token;
  token.cancel();
  const RandomSequence sequence(4, diagonals, std::vector<int>(8, 0), CouplingKind::diagonal, 0.2);
  EXPECT_THROW((void)factorise(sequence, backend, options, &token), Interrupted);
}

TEST(Threads, DoNotChangeTheResult) {
  // Blocks of 340 are inverted side by side with two threads, one after the other with one.
  for (const auto doubling : {Doubling::never, Doubling::always}) {
    std::vector<int> diagonals(24, 1);
    diagonals.front() = diagonals.back() = 0;
    if (doubling == Doubling::never) diagonals[20] = 0;
    const RandomSequence sequence(340, diagonals, std::vector<int>(23, 0), CouplingKind::diagonal, 0.25);
    std::vector<Answer> answers;
    for (const int threads : {1, 2}) {
      set_blas_threads(threads);
      const HostBackend backend;
      const RecursionOptions options{.doubling = doubling};
      const ForwardFilter filter(sequence, backend, options, nullptr);
      Answer answer;
      answer.log_determinant = filter.log_determinant();
      std::vector<double> sums(340, 0.0);
      for_each_covariance(
          sequence, filter, backend, options, SelectedInverseMethod::automatic, nullptr,
          [&](const StepCovariance& group) {
            const auto variances = backend.blocks().diagonal(group.covariance);
            for (std::size_t i = 0; i < 340; ++i) sums[i] += static_cast<double>(group.steps.size()) * variances[i];
          },
          CovarianceDetail::sums);
      answer.covariances = sums;
      answers.push_back(std::move(answer));
    }
    // Different splits of sums of 340 terms.
    EXPECT_NEAR(answers[0].log_determinant / answers[1].log_determinant, 1.0, 1e-13);
    expect_close(answers[0].covariances, answers[1].covariances, 1e-13);
  }
}

}  // namespace
}  // namespace tramontana

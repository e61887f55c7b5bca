// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "communicator/thread_ranks.hpp"
#include "host/host_backend.hpp"
#include "kernels/coupling_kernels.hpp"
#include "solver/factor.hpp"
#include "solver/forward_filter.hpp"
#include "solver/two_sided_factor.hpp"
#include "support/random_sequence.hpp"

namespace tramontana {
namespace {

using testing::CouplingKind;
using testing::RandomSequence;
using Doubling = RecursionOptions::Doubling;

/** Everything a recursion gives, in plain arrays. */
struct Answer {
  double log_determinant = 0.0;
  std::vector<double> solution;
  std::vector<double> covariances;        ///< Sigma_tt, all steps, lower triangles
  std::vector<double> cross_covariances;  ///< sum over t of Sigma_{t,t-1}, all entries, by tag of the coupling
  std::size_t num_visited = 0;            ///< steps
  SelectedInverseMethod method = SelectedInverseMethod::automatic;
};

void add_link(const BlockSequence& sequence, const CovarianceLink& link, Answer& answer) {
  const ReferenceBackend plain;
  const std::size_t n = sequence.block_size();
  DenseMatrix inverse(n, n);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      inverse(i, j) = link.previous_inverse(std::max(i, j), std::min(i, j));
    }
  }
  auto coupled = DenseMatrix::zero(n, n);
  add_coupled(plain, 1.0, *link.coupling, Transpose::no, std::as_const(inverse).view(), coupled.view());
  DenseMatrix product(n, n);
  plain.symmetric_multiply(-link.count, link.covariance, std::as_const(coupled).view(), 0.0, product.view());
  const auto offset = static_cast<std::size_t>(sequence.coupling_tag(link.step - 1)) * n * n;
  if (answer.cross_covariances.size() < offset + n * n) answer.cross_covariances.resize(offset + n * n);
  for (std::size_t i = 0; i < n * n; ++i) answer.cross_covariances[offset + i] += product.data()[i];
}

Answer answer_of(const BlockSequence& sequence, const Factor& factor) {
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
          for (std::size_t j = 0; j < n; ++j) {
            for (std::size_t i = j; i < n; ++i) answer.covariances[(step * n + j) * n + i] = group.covariance(i, j);
          }
        }
        for (const auto& link : group.links) add_link(sequence, link, answer);
      },
      CovarianceDetail::each_step);
  answer.method = summary.method;
  return answer;
}

Answer answer_of(const BlockSequence& sequence, const RecursionOptions& options, SelectedInverseMethod method) {
  const HostBackend backend;
  auto answer = answer_of(sequence, *factorise(sequence, backend, {options, method}, nullptr));
  if (method != SelectedInverseMethod::automatic) {
    EXPECT_EQ(answer.method, method);
  }
  EXPECT_EQ(answer.num_visited, sequence.num_blocks());
  return answer;
}

Answer dense_answer(const RandomSequence& sequence) {
  const ReferenceBackend plain;
  const std::size_t n = sequence.block_size();
  auto inverse = sequence.dense();
  Answer answer;
  const auto outcome = plain.invert_positive_definite(inverse.view());
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
  plain.symmetric_multiply(1.0, std::as_const(inverse).view(), std::as_const(b).view(), 0.0, x.view());
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

/** Runs of one pattern, gaps and empty days at random; couplings that change now and then. */
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

/** What both ranks give, put together. */
Answer answer_on_two_ranks(const BlockSequence& sequence) {
  Answer whole;
  std::mutex mutex;
  run_thread_ranks(2, [&](const Communicator& ranks) {
    const HostBackend backend;
    const TwoSidedFactor factor(sequence, backend, nullptr, ranks);
    auto own = answer_of(sequence, factor);
    ranks.sum(own.covariances);
    own.cross_covariances.resize(2 * sequence.block_size() * sequence.block_size());
    ranks.sum(own.cross_covariances);
    EXPECT_EQ(ranks.sum(static_cast<double>(own.num_visited)), static_cast<double>(sequence.num_blocks()));
    const std::lock_guard lock(mutex);
    // Both have the whole solution and the determinant, to the bit.
    if (!whole.solution.empty()) {
      EXPECT_EQ(whole.solution, own.solution);
      EXPECT_EQ(whole.log_determinant, own.log_determinant);
    }
    whole = std::move(own);
  });
  return whole;
}

TEST_P(EveryCoupling, TwoRanksGiveWhatOneGives) {
  for (std::uint64_t seed = 200; seed < 212; ++seed) {
    SCOPED_TRACE(seed);
    const auto sequence = random_sequence(seed, 2 + (seed - 200), 5, GetParam());
    auto expected = dense_answer(sequence);
    expected.cross_covariances.resize(2 * sequence.block_size() * sequence.block_size());
    expect_close(answer_on_two_ranks(sequence), expected, 1e-12);
  }
}

TEST(TwoRanks, FailTogether) {
  std::vector<int> diagonals(9, 0);
  diagonals[7] = 1;
  // Only the right side breaks down.
  class Indefinite : public BlockSequence {
   public:
    explicit Indefinite(RandomSequence inner) : inner_(std::move(inner)) {}
    [[nodiscard]] std::size_t num_blocks() const override { return inner_.num_blocks(); }
    [[nodiscard]] std::size_t block_size() const override { return inner_.block_size(); }
    [[nodiscard]] int diagonal_tag(std::size_t step) const override { return inner_.diagonal_tag(step); }
    [[nodiscard]] int coupling_tag(std::size_t step) const override { return inner_.coupling_tag(step); }
    [[nodiscard]] const Coupling& coupling(std::size_t step) const override { return inner_.coupling(step); }
    [[nodiscard]] bool couplings_are_symmetric() const override { return inner_.couplings_are_symmetric(); }
    void assemble_diagonal(std::size_t step, MatrixView out) const override {
      inner_.assemble_diagonal(step, out);
      if (inner_.diagonal_tag(step) == 1) out(2, 2) = -1.0;
    }

   private:
    RandomSequence inner_;
  };
  const Indefinite sequence(RandomSequence(4, diagonals, std::vector<int>(8, 0), CouplingKind::diagonal, 0.2));
  std::atomic<int> num_told{0};
  run_thread_ranks(2, [&](const Communicator& ranks) {
    const HostBackend backend;
    try {
      const TwoSidedFactor factor(sequence, backend, nullptr, ranks);
    } catch (const NotPositiveDefinite& error) {
      EXPECT_NE(std::string(error.what()).find("of time step 7 "), std::string::npos) << error.what();
      ++num_told;
    }
  });
  EXPECT_EQ(num_told, 2);
  EXPECT_THROW(
      run_thread_ranks(
          3, [&](const Communicator& ranks) { const TwoSidedFactor factor(sequence, HostBackend(), nullptr, ranks); }),
      InvalidModel);
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
            for (std::size_t i = 0; i < 340; ++i) {
              sums[i] += static_cast<double>(group.steps.size()) * group.covariance(i, i);
            }
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

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "communicator/thread_ranks.hpp"
#include "host/host_backend.hpp"
#include "solver/windowed_factor.hpp"
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

const HostBackend backend;

/** What all ranks give, put together. */
Answer answer_on_ranks(const BlockSequence& sequence, int num_ranks, std::optional<int> num_left = {}) {
  Answer whole;
  std::mutex mutex;
  run_thread_ranks(num_ranks, [&](const Communicator& ranks) {
    const WindowedFactor factor(sequence, backend, nullptr, ranks, num_left);
    auto own = answer_of(sequence, factor);
    ranks.sum(own.covariances);
    own.cross_covariances.resize(2 * sequence.block_size() * sequence.block_size());
    ranks.sum(own.cross_covariances);
    EXPECT_EQ(ranks.sum(static_cast<double>(own.num_visited)), static_cast<double>(sequence.num_blocks()));
    const std::lock_guard lock(mutex);
    // All have the whole solution and the determinant, to the bit.
    if (!whole.solution.empty()) {
      EXPECT_EQ(whole.solution, own.solution);
      EXPECT_EQ(whole.log_determinant, own.log_determinant);
    }
    whole = std::move(own);
  });
  return whole;
}

class EveryCoupling : public ::testing::TestWithParam<CouplingKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, EveryCoupling,
                         ::testing::Values(CouplingKind::diagonal, CouplingKind::sparse, CouplingKind::dense));

TEST_P(EveryCoupling, AnyNumberOfRanksGivesWhatADenseInverseGives) {
  for (std::uint64_t seed = 200; seed < 212; ++seed) {
    // Steps that do not divide by the ranks, and fewer than ranks.
    const auto sequence = random_sequence(seed, 2 + 3 * (seed - 200), 5, GetParam());
    auto expected = dense_answer(sequence);
    expected.cross_covariances.resize(2 * sequence.block_size() * sequence.block_size());
    for (const int num_ranks : {2, 3, 4, 5, 8}) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", ranks " + std::to_string(num_ranks));
      // Condition numbers below 100; windows forget their start to 1e-13.
      expect_close(answer_on_ranks(sequence, num_ranks), expected, 1e-12);
      expect_close(answer_on_ranks(sequence, num_ranks, num_ranks), expected, 1e-12);
      expect_close(answer_on_ranks(sequence, num_ranks, 1), expected, 1e-12);
    }
  }
}

/** Steps that hardly forget: the diagonal dominates by a few hundredths. */
RandomSequence slow_sequence(std::size_t num_steps) {
  std::vector<int> diagonals(num_steps);
  std::iota(diagonals.begin(), diagonals.end(), 0);
  for (auto& tag : diagonals) tag %= 3;
  return {5, diagonals, std::vector<int>(num_steps - 1, 0), CouplingKind::diagonal, 0.505, true};
}

TEST(Windows, PassTheRepairOnWhereTheyAreShorterThanTheMemory) {
  const auto sequence = slow_sequence(40);
  auto expected = dense_answer(sequence);
  expected.cross_covariances.resize(2 * sequence.block_size() * sequence.block_size());
  // The condition number is in the thousands.
  expect_close(answer_on_ranks(sequence, 8), expected, 1e-11);
  expect_close(answer_on_ranks(sequence, 8, 8), expected, 1e-11);
}

TEST(Windows, RepairAsFewStepsAsTheMemoryIsLong) {
  const auto sequence = random_sequence(7, 120, 6, CouplingKind::diagonal);
  std::string reason;
  run_thread_ranks(4, [&](const Communicator& ranks) {
    const WindowedFactor factor(sequence, backend, nullptr, ranks);
    const auto summary = factor.for_each_covariance([](const StepCovariance&) {}, CovarianceDetail::each_step);
    EXPECT_LE(summary.num_inversions, 3U * 30U + 15U);
    if (ranks.is_root()) reason = summary.reason;
  });
  EXPECT_NE(reason.find("4 windows of up to 30 steps on 4 ranks"), std::string::npos) << reason;
  EXPECT_NE(reason.find("steps of a window repaired"), std::string::npos) << reason;
}

TEST(Windows, ShareTheStepsAsEquallyAsCanBe) {
  for (const std::size_t num_steps : {2, 3, 7, 24, 97}) {
    for (const int num_ranks : {1, 2, 3, 4, 8, 16}) {
      const auto layout = lay_out_windows(num_steps, num_ranks);
      std::vector<int> owners(num_steps, 0);
      ++owners[layout.middle];
      std::size_t shortest = num_steps;
      std::size_t longest = 0;
      for (std::size_t rank = 0; rank < layout.num_active; ++rank) {
        const auto& side = layout.windows[rank].side;
        for (std::size_t distance = 0; distance < side.length; ++distance) ++owners[side.step(distance)];
        shortest = std::min(shortest, side.length);
        longest = std::max(longest, side.length);
      }
      EXPECT_EQ(owners, std::vector<int>(num_steps, 1));
      EXPECT_LE(longest, shortest + 1);
      EXPECT_GE(shortest, 1U);
    }
  }
}

/** Not positive definite from the given step on. */
class Indefinite : public BlockSequence {
 public:
  Indefinite(RandomSequence inner, std::size_t from)
      : inner_(std::move(inner)), from_(from), pull_(inner_.block_size(), 0.0) {
    pull_[2] = -10.0;
  }
  [[nodiscard]] std::size_t num_blocks() const override { return inner_.num_blocks(); }
  [[nodiscard]] std::size_t block_size() const override { return inner_.block_size(); }
  [[nodiscard]] int diagonal_tag(std::size_t step) const override { return inner_.diagonal_tag(step); }
  [[nodiscard]] int coupling_tag(std::size_t step) const override { return inner_.coupling_tag(step); }
  [[nodiscard]] const Coupling& coupling(std::size_t step) const override { return inner_.coupling(step); }
  [[nodiscard]] bool couplings_are_symmetric() const override { return inner_.couplings_are_symmetric(); }
  [[nodiscard]] BlockTerms diagonal_terms(std::size_t step) const override {
    auto terms = inner_.diagonal_terms(step);
    if (step == from_) terms.diagonal = pull_;
    return terms;
  }

 private:
  RandomSequence inner_;
  std::size_t from_;
  std::vector<double> pull_;
};

TEST(Windows, FailTogetherWhoeverHasTheStep) {
  for (const std::size_t step : {0, 3, 4, 7, 11}) {
    for (const int num_ranks : {2, 4, 5}) {
      const Indefinite sequence(random_sequence(3, 12, 4, CouplingKind::diagonal), step);
      std::atomic<int> num_told{0};
      run_thread_ranks(num_ranks, [&](const Communicator& ranks) {
        try {
          const WindowedFactor factor(sequence, backend, nullptr, ranks);
        } catch (const NotPositiveDefinite& error) {
          EXPECT_NE(std::string(error.what()).find("of time step " + std::to_string(step) + " "), std::string::npos)
              << error.what();
          ++num_told;
        }
      });
      EXPECT_EQ(num_told, num_ranks);
    }
  }
}

TEST(Windows, StopTogetherWhenOneIsCancelled) {
  const auto sequence = random_sequence(3, 12, 4, CouplingKind::diagonal);
  CancellationToken cancelled;
  cancelled.cancel();
  std::atomic<int> num_stopped{0};
  run_thread_ranks(4, [&](const Communicator& ranks) {
    try {
      const WindowedFactor factor(sequence, backend, ranks.rank() == 2 ? &cancelled : nullptr, ranks);
    } catch (const Interrupted&) {
      ++num_stopped;
    }
  });
  EXPECT_EQ(num_stopped, 4);
}

TEST(Windows, NeedTwoSteps) {
  const RandomSequence sequence(3, {0}, {}, CouplingKind::diagonal);
  EXPECT_THROW(
      run_thread_ranks(
          2, [&](const Communicator& ranks) { const WindowedFactor factor(sequence, backend, nullptr, ranks); }),
      InvalidModel);
}

}  // namespace
}  // namespace tramontana

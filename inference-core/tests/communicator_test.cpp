// SPDX-License-Identifier: Apache-2.0
/** Laws of a group of ranks, whatever its size. */
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "communicator/communicator.hpp"
#include "communicator/thread_ranks.hpp"
#include "support/communicator_laws.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

class EverySize : public ::testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(Ranks, EverySize, ::testing::Values(1, 2, 3, 4, 5, 7, 8, 13));

using Law = void (*)(const Communicator&);

TEST_P(EverySize, KeepsTheLawsOfGroups) {
  for (const Law law :
       {testing::check_reductions, testing::check_gathering, testing::check_parts, testing::check_order_of_messages,
        testing::check_sizes_of_messages, testing::check_agreement, testing::check_shared_jobs}) {
    run_thread_ranks(GetParam(), law);
  }
}

TEST_P(EverySize, SumsHaveTheSameBitsOnAllRanksWhoeverIsLate) {
  std::vector<std::vector<double>> sums;
  std::mutex mutex;
  for (int late = 0; late < 3; ++late) {
    run_thread_ranks(GetParam(), [&](const Communicator& group) {
      if (group.rank() % 3 == late) std::this_thread::sleep_for(std::chrono::milliseconds(3));
      std::vector<double> values(5);
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = std::sin(1.0 + 100.0 * group.rank() + static_cast<double>(i)) * 1e8;
      group.sum(values);
      const std::lock_guard lock(mutex);
      sums.push_back(values);
    });
  }
  for (const auto& other : sums) EXPECT_EQ(other, sums.front());
}

TEST(Agreement, KeepsTheClassOfEveryError) {
  const auto tag_elsewhere = [](const std::function<void()>& failure) {
    std::string tag;
    run_thread_ranks(2, [&](const Communicator& group) {
      try {
        group.agree([&] {
          if (group.rank() == 1) failure();
        });
      } catch (const Interrupted& error) {
        if (group.is_root()) tag = "class of " + error.tag();
      } catch (const InvalidModel& error) {
        if (group.is_root()) tag = "class of " + error.tag();
      } catch (const InnerModeNotFound& error) {
        if (group.is_root()) tag = "class of " + error.tag();
      } catch (const Error& error) {
        if (group.is_root()) tag = error.tag();
      } catch (...) {
        EXPECT_FALSE(group.is_root());
      }
    });
    return tag;
  };
  EXPECT_EQ(tag_elsewhere([] { throw Interrupted(); }), "class of Interrupted");
  EXPECT_EQ(tag_elsewhere([] { throw InvalidModel("m"); }), "class of InvalidModel");
  EXPECT_EQ(tag_elsewhere([] { throw InnerModeNotFound("m", {}); }), "class of InnerModeNotFound");
  EXPECT_EQ(tag_elsewhere([] { throw std::bad_alloc(); }), "OutOfMemory");
  EXPECT_EQ(tag_elsewhere([] { throw std::runtime_error("r"); }), "Internal");
}

TEST(LostRank, IsNamedToWhoeverWaitsForIt) {
  try {
    run_thread_ranks(4, [](const Communicator& group) {
      if (group.rank() == 3) throw InvalidModel("the cause");
      (void)group.sum(1.0);
    });
    FAIL() << "expected the cause";
  } catch (const InvalidModel& error) {
    EXPECT_EQ(std::string(error.what()), "the cause");
  }
  EXPECT_THROW(run_thread_ranks(2,
                                [](const Communicator& group) {
                                  std::vector<double> value(1);
                                  if (group.is_root()) group.receive(value, 1);
                                }),
               RankLost);
}

TEST(Message, OfAnotherLengthThanExpectedIsRefused) {
  EXPECT_THROW(run_thread_ranks(2,
                                [](const Communicator& group) {
                                  std::vector<double> values(group.is_root() ? 3 : 2);
                                  if (group.is_root())
                                    group.send(values, 1);
                                  else
                                    group.receive(values, 0);
                                }),
               Error);
}

}  // namespace
}  // namespace tramontana

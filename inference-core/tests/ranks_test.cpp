// SPDX-License-Identifier: Apache-2.0
/** The engine on ranks that are threads gives what it gives on one. */
#include <gtest/gtest.h>

#include "communicator/thread_ranks.hpp"
#include "support/rank_laws.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {
namespace {

class EveryNumber : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { set_num_threads(1); }
};

INSTANTIATE_TEST_SUITE_P(Ranks, EveryNumber, ::testing::Values(1, 2, 3, 4, 8));

TEST_P(EveryNumber, Evaluates) { run_thread_ranks(GetParam(), testing::check_evaluations); }
TEST_P(EveryNumber, Fits) { run_thread_ranks(GetParam(), testing::check_fit); }
TEST_P(EveryNumber, Integrates) { run_thread_ranks(GetParam(), testing::check_integration); }
TEST_P(EveryNumber, Predicts) { run_thread_ranks(GetParam(), testing::check_predictions); }
TEST_P(EveryNumber, FailsTogether) { run_thread_ranks(GetParam(), testing::check_common_failures); }

}  // namespace
}  // namespace tramontana

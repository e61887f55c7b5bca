// SPDX-License-Identifier: Apache-2.0
/** The laws of groups, and of the engine on them, over MPI: started by mpirun with some number of ranks, each of which
 * tests. */
#include <gtest/gtest.h>
#include <mpi.h>

#include <string>
#include <vector>

#include "communicator/mpi/mpi_communicator.hpp"
#include "support/communicator_laws.hpp"
#include "support/rank_laws.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

int expected_ranks = 0;

TEST(MpiCommunicator, HasTheRanksThatMpirunWasAskedFor) {
  EXPECT_EQ(mpi_communicator(MPI_COMM_WORLD).size(), expected_ranks);
}

TEST(MpiCommunicator, KeepsTheLawsOfGroups) {
  const auto group = mpi_communicator(MPI_COMM_WORLD);
  testing::check_reductions(group);
  testing::check_gathering(group);
  testing::check_parts(group);
  testing::check_order_of_messages(group);
  testing::check_sizes_of_messages(group);
  testing::check_agreement(group);
  testing::check_shared_jobs(group);
}

TEST(MpiRanks, GiveWhatOneGives) {
  set_num_threads(1);
  const auto ranks = mpi_communicator(MPI_COMM_WORLD);
  testing::check_evaluations(ranks);
  testing::check_fit(ranks);
  testing::check_integration(ranks);
  testing::check_predictions(ranks);
  testing::check_common_failures(ranks);
}

TEST(MpiCommunicator, ThrowsWhatMpiRefuses) {
  const auto group = mpi_communicator(MPI_COMM_WORLD);
  const std::vector<double> values{1.0};
  try {
    group.send(values, group.size());
    FAIL() << "expected MpiFailed";
  } catch (const Error& error) {
    EXPECT_EQ(error.tag(), "MpiFailed");
  }
}

}  // namespace
}  // namespace tramontana

int main(int count, char** arguments) {
  MPI_Init(&count, &arguments);
  ::testing::InitGoogleTest(&count, arguments);
  if (count > 1) tramontana::expected_ranks = std::stoi(arguments[1]);
  const int failed = RUN_ALL_TESTS();
  MPI_Finalize();
  return failed;
}

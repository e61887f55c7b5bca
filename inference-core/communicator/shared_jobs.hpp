// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "communicator/communicator.hpp"

namespace tramontana {

/**
 * Independent jobs shared out over the ranks of a group: the ranks form smaller groups, and each job is done by one of
 * these, all of whose ranks call it together.
 */
class SharedJobs {
 public:
  /** @param num_groups  from 1 to the number of ranks; neighbours are in one group */
  SharedJobs(Communicator ranks, int num_groups);

  /** The group of this rank, for what its jobs share among themselves. */
  [[nodiscard]] const Communicator& group() const { return group_; }
  [[nodiscard]] int num_groups() const { return num_groups_; }
  [[nodiscard]] bool has_one_rank_each() const { return num_groups_ == ranks_.size(); }

  /** Does the given jobs one by one, or in lanes of its own. */
  using Lanes = std::function<void(const std::vector<std::function<void()>>&)>;

  /** Who gets the results: each rank all of them, or rank 0 alone, where the others' are empty. */
  enum class Results { for_all, for_root };

  /**
   * Runs jobs 0 .. num_jobs - 1, job j on group j modulo num_groups(). Collective.
   *
   * @param lanes  runs the jobs of this group
   * @throws on all ranks what a job throws
   */
  [[nodiscard]] std::vector<std::vector<double>> run(std::size_t num_jobs,
                                                     const std::function<std::vector<double>(std::size_t)>& job,
                                                     const Lanes& lanes, Results whose = Results::for_all) const;

 private:
  Communicator ranks_;
  int num_groups_;
  int own_;
  Communicator group_;
};

}  // namespace tramontana

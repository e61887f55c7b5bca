// SPDX-License-Identifier: Apache-2.0
#include "communicator/shared_jobs.hpp"

#include <algorithm>
#include <utility>

#include "communicator/message.hpp"

namespace tramontana {

SharedJobs::SharedJobs(Communicator ranks, int num_groups)
    : ranks_(std::move(ranks)),
      num_groups_(std::clamp(num_groups, 1, ranks_.size())),
      own_(ranks_.rank() * num_groups_ / ranks_.size()),
      group_(num_groups_ == 1 ? ranks_ : ranks_.split(own_)) {}

std::vector<std::vector<double>> SharedJobs::run(std::size_t num_jobs,
                                                 const std::function<std::vector<double>(std::size_t)>& job,
                                                 const Lanes& lanes, Results whose) const {
  std::vector<std::vector<double>> results(num_jobs);
  const auto step = static_cast<std::size_t>(num_groups_);
  ranks_.agree([&] {
    std::vector<std::function<void()>> tasks;
    for (auto j = static_cast<std::size_t>(own_); j < num_jobs; j += step) {
      tasks.emplace_back([&results, &job, j] { results[j] = job(j); });
    }
    if (!tasks.empty()) lanes(tasks);
  });
  if (ranks_.size() == 1) return results;
  // The first rank of each group speaks for it.
  MessageWriter message;
  if (group_.is_root()) {
    for (auto j = static_cast<std::size_t>(own_); j < num_jobs; j += step) message.add(results[j]);
  }
  const auto own = message.take();
  const auto parts = whose == Results::for_all ? ranks_.gather_all(own) : ranks_.gather(own);
  if (parts.empty()) results.assign(num_jobs, {});
  std::size_t group = 0;
  for (const auto& part : parts) {
    // Other ranks of a group, and groups without a job, have said nothing.
    if (part.empty()) continue;
    MessageReader found(part);
    for (std::size_t j = group; !found.is_at_end(); j += step) results[j] = found.vector();
    ++group;
  }
  return results;
}

}  // namespace tramontana

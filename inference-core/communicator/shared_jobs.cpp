// SPDX-License-Identifier: Apache-2.0
#include "communicator/shared_jobs.hpp"

#include <algorithm>
#include <utility>

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
  // The first rank of each group speaks for it: the length of each result, then its numbers.
  std::vector<double> message;
  if (group_.is_root()) {
    for (auto j = static_cast<std::size_t>(own_); j < num_jobs; j += step) {
      message.push_back(static_cast<double>(results[j].size()));
      message.insert(message.end(), results[j].begin(), results[j].end());
    }
  }
  std::size_t group = 0;
  const auto parts = whose == Results::for_all ? ranks_.gather_all(message) : ranks_.gather(message);
  if (parts.empty()) results.assign(num_jobs, {});
  for (const auto& part : parts) {
    if (part.empty()) continue;
    auto at = part.begin();
    for (std::size_t j = group; at != part.end(); j += step) {
      const auto length = static_cast<std::ptrdiff_t>(*at++);
      results[j].assign(at, at + length);
      at += length;
    }
    ++group;
  }
  return results;
}

}  // namespace tramontana

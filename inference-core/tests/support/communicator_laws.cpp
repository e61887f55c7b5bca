// SPDX-License-Identifier: Apache-2.0
#include "support/communicator_laws.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "communicator/shared_jobs.hpp"
#include "tramontana/errors.hpp"

namespace tramontana::testing {

void check_reductions(const Communicator& group) {
  const int size = group.size();
  const double own = group.rank() + 1.0;
  EXPECT_DOUBLE_EQ(group.sum(own), size * (size + 1) / 2.0);
  std::vector<double> largest{own, -own};
  group.max(largest);
  EXPECT_EQ(largest, (std::vector<double>{static_cast<double>(size), -1.0}));
  for (int root = 0; root < size; ++root) {
    std::vector<double> values(3, group.rank() == root ? 7.0 + root : 0.0);
    group.broadcast(values, root);
    EXPECT_EQ(values, std::vector<double>(3, 7.0 + root));
  }
}

void check_gathering(const Communicator& group) {
  const auto all = group.gather_all(std::vector<double>(static_cast<std::size_t>(group.rank() % 3), group.rank()));
  ASSERT_EQ(all.size(), static_cast<std::size_t>(group.size()));
  for (int rank = 0; rank < group.size(); ++rank) {
    EXPECT_EQ(all[static_cast<std::size_t>(rank)], std::vector<double>(static_cast<std::size_t>(rank % 3), rank));
  }
}

void check_parts(const Communicator& group) {
  const int size = group.size();
  const int color = group.rank() % 2;
  const auto part = group.split(color, -group.rank());
  EXPECT_EQ(part.size(), (size + 1 - color) / 2);
  // The highest rank of the group has the lowest key.
  const auto ranks = part.gather_all(std::vector<double>{static_cast<double>(group.rank())});
  for (std::size_t i = 1; i < ranks.size(); ++i) EXPECT_EQ(ranks[i][0], ranks[i - 1][0] - 2.0);
  // Both parts and the whole talk at once, and parts of parts.
  EXPECT_DOUBLE_EQ(group.sum(part.sum(1.0)), std::pow((size + 1) / 2, 2) + std::pow(size / 2, 2));
  EXPECT_DOUBLE_EQ(part.split(part.rank()).sum(5.0), 5.0);
}

void check_order_of_messages(const Communicator& group) {
  if (group.size() == 1) return;
  const int next = (group.rank() + 1) % group.size();
  const int last = (group.rank() + group.size() - 1) % group.size();
  const double own = group.rank();
  for (int i = 0; i < 20; ++i) group.send(std::vector<double>{static_cast<double>(i), own}, next);
  for (int i = 0; i < 20; ++i) {
    std::vector<double> message(2);
    group.receive(message, last);
    EXPECT_EQ(message, (std::vector<double>{static_cast<double>(i), static_cast<double>(last)}));
  }
}

void check_sizes_of_messages(const Communicator& group) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{2'000'000}}) {
    std::vector<double> values(count);
    std::iota(values.begin(), values.end(), 0.5);
    const auto expected = values;
    if (group.is_root() && group.size() > 1) group.send(values, group.size() - 1);
    if (!group.is_root() && group.rank() + 1 == group.size()) {
      values.assign(count, 0.0);
      group.receive(values, 0);
    }
    EXPECT_EQ(values, expected);
    const int with = group.rank() ^ 1;
    if (with >= group.size()) continue;
    values.assign(count, static_cast<double>(group.rank()));
    std::vector<double> others(count);
    group.exchange(values, others, with);
    EXPECT_EQ(others, std::vector<double>(count, static_cast<double>(with)));
  }
}

void check_agreement(const Communicator& group) {
  for (int failing = 0; failing < group.size(); ++failing) {
    bool was_told = false;
    try {
      group.agree([&] {
        if (group.rank() < failing) return;
        throw NotPositiveDefinite("of rank " + std::to_string(group.rank()), {{"block", std::int64_t{4}},
                                                                              {"theta", std::vector<double>{1.0, 2.0}},
                                                                              {"why", std::string("so")},
                                                                              {"pivot", -0.5}});
      });
    } catch (const NotPositiveDefinite& error) {
      EXPECT_EQ(error.what(), "of rank " + std::to_string(failing));
      ASSERT_EQ(error.facts().size(), 4u);
      EXPECT_EQ(std::get<std::int64_t>(error.facts()[0].second), 4);
      EXPECT_EQ(std::get<std::vector<double>>(error.facts()[1].second), (std::vector<double>{1.0, 2.0}));
      EXPECT_EQ(std::get<std::string>(error.facts()[2].second), "so");
      EXPECT_EQ(std::get<double>(error.facts()[3].second), -0.5);
      was_told = true;
    }
    EXPECT_TRUE(was_told);
    // They are still together.
    EXPECT_DOUBLE_EQ(group.sum(1.0), group.size());
  }
}

void check_shared_jobs(const Communicator& group) {
  const auto one_by_one = [](const std::vector<std::function<void()>>& tasks) {
    for (const auto& task : tasks) task();
  };
  for (int num_groups = 1; num_groups <= group.size(); ++num_groups) {
    const SharedJobs jobs(group, num_groups);
    EXPECT_EQ(jobs.num_groups(), num_groups);
    for (const std::size_t num_jobs : {0U, 1U, 3U, 7U}) {
      const auto results = jobs.run(
          num_jobs,
          [&](std::size_t j) {
            // The ranks of a group work together; the last job has nothing to tell.
            if (j == 6) return std::vector<double>{};
            return std::vector<double>(j + 1, static_cast<double>(j) + jobs.group().sum(1.0) / jobs.group().size());
          },
          one_by_one);
      ASSERT_EQ(results.size(), num_jobs);
      for (std::size_t j = 0; j < num_jobs; ++j) {
        EXPECT_EQ(results[j],
                  j == 6 ? std::vector<double>{} : std::vector<double>(j + 1, static_cast<double>(j) + 1.0));
      }
    }
    const auto at_root = jobs.run(
        2, [](std::size_t j) { return std::vector<double>{static_cast<double>(j)}; }, one_by_one,
        SharedJobs::Results::for_root);
    EXPECT_EQ(at_root.back(), group.is_root() ? std::vector<double>{1.0} : std::vector<double>{});
    EXPECT_THROW((void)jobs.run(
                     5,
                     [](std::size_t j) -> std::vector<double> {
                       if (j == 2) throw InvalidModel("job 2");
                       return {1.0};
                     },
                     one_by_one),
                 InvalidModel);
    EXPECT_DOUBLE_EQ(group.sum(1.0), group.size());
  }
}

}  // namespace tramontana::testing

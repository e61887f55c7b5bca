// SPDX-License-Identifier: Apache-2.0
#include "communicator/thread_ranks.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>

namespace tramontana {
namespace {

using Bytes = std::vector<std::byte>;

/** What the threads share: the messages under way in every group, and who has ended. */
class World {
 public:
  explicit World(int size) : has_ended_(static_cast<std::size_t>(size), false) {}

  void put(int group, int from, int to, Bytes message) {
    const std::lock_guard lock(mutex_);
    under_way_[{group, from, to}].push_back(std::move(message));
    changed_.notify_all();
  }

  /** @param sender  of the whole world, which `from` is in the group */
  Bytes take(int group, int from, int to, int sender) {
    std::unique_lock lock(mutex_);
    auto& queue = under_way_[{group, from, to}];
    changed_.wait(lock, [&] { return !queue.empty() || has_ended_[static_cast<std::size_t>(sender)]; });
    if (queue.empty()) throw RankLost(sender);
    auto message = std::move(queue.front());
    queue.pop_front();
    return message;
  }

  void end(int rank) {
    const std::lock_guard lock(mutex_);
    has_ended_[static_cast<std::size_t>(rank)] = true;
    changed_.notify_all();
  }

  /** A number for the group that the n-th split of another one makes of a color. */
  int group_of_split(int parent, int split, int color) {
    const std::lock_guard lock(mutex_);
    return groups_.emplace(std::tuple{parent, split, color}, static_cast<int>(groups_.size()) + 1).first->second;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::tuple<int, int, int>, std::deque<Bytes>> under_way_;
  std::map<std::tuple<int, int, int>, int> groups_;
  std::vector<bool> has_ended_;
};

class ThreadTransport : public Transport, public std::enable_shared_from_this<ThreadTransport> {
 public:
  /** @param members  the rank in the whole world of each rank of the group */
  ThreadTransport(World& world, int group, std::vector<int> members, int rank)
      : world_(world), group_(group), members_(std::move(members)), rank_(rank) {}

  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return static_cast<int>(members_.size()); }
  void send(std::span<const std::byte> message, int to) override {
    world_.put(group_, rank_, to, {message.begin(), message.end()});
  }
  [[nodiscard]] Bytes receive(int from) override {
    return world_.take(group_, from, rank_, members_[static_cast<std::size_t>(from)]);
  }
  [[nodiscard]] std::shared_ptr<Transport> split(int color, int key) override {
    const std::vector<double> own{static_cast<double>(color), static_cast<double>(key)};
    const auto all = Communicator(shared_from_this()).gather_all(own);
    std::vector<int> ranks;
    for (std::size_t other = 0; other < all.size(); ++other) {
      if (all[other][0] == own[0]) ranks.push_back(static_cast<int>(other));
    }
    std::stable_sort(ranks.begin(), ranks.end(), [&](int a, int b) {
      return all[static_cast<std::size_t>(a)][1] < all[static_cast<std::size_t>(b)][1];
    });
    std::vector<int> members;
    int rank = 0;
    for (const int other : ranks) {
      if (other == rank_) rank = static_cast<int>(members.size());
      members.push_back(members_[static_cast<std::size_t>(other)]);
    }
    return std::make_shared<ThreadTransport>(world_, world_.group_of_split(group_, num_splits_++, color),
                                             std::move(members), rank);
  }

 private:
  World& world_;
  int group_;
  std::vector<int> members_;
  int rank_;
  int num_splits_ = 0;
};

bool is_consequence(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const RankLost&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

void run_thread_ranks(int size, const std::function<void(const Communicator&)>& task) {
  World world(size);
  std::vector<int> members;
  for (int rank = 0; rank < size; ++rank) members.push_back(rank);
  std::vector<std::exception_ptr> failures(members.size());
  std::vector<std::thread> threads;
  const auto run = [&](int rank) {
    try {
      task(Communicator(std::make_shared<ThreadTransport>(world, 0, members, rank)));
    } catch (...) {
      failures[static_cast<std::size_t>(rank)] = std::current_exception();
    }
    world.end(rank);
  };
  try {
    for (int rank = 1; rank < size; ++rank) threads.emplace_back(run, rank);
    run(0);
  } catch (...) {
    // The system gives no more threads: those that run find the others lost.
    for (int rank = 0; rank < size; ++rank) world.end(rank);
    for (auto& thread : threads) thread.join();
    throw;
  }
  for (auto& thread : threads) thread.join();
  std::exception_ptr first;
  for (const auto& failure : failures) {
    if (failure && (!first || (is_consequence(first) && !is_consequence(failure)))) first = failure;
  }
  if (first) std::rethrow_exception(first);
}

}  // namespace tramontana

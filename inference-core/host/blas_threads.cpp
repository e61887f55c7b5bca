// SPDX-License-Identifier: Apache-2.0
#include "host/blas_threads.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "host/companion_thread.hpp"
#include "host/library_threads.hpp"

namespace tramontana::host {
namespace {

/** About a millisecond of work for one core, a few dozen times what starting a second thread costs. */
constexpr double smallest_shared_flops = 3e7;
/** About forty microseconds for one core, a dozen times what handing half of it to the companion costs. */
constexpr double smallest_pair_flops = 2e6;
/** With so many threads pairs are run; with more, the threads of the library use the machine better. */
constexpr int most_paired_threads = 3;

/**
 * Whether other work keeps the processors. Then every wait for the companion can cost a time slice, and short tasks are
 * better done by one thread: for a while, and a longer one each time that this is found again.
 */
class Contention {
 public:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool is_likely() const { return Clock::now().time_since_epoch().count() < until_.load(); }

  /** Tells how long the caller's own task took, and how long it then waited for the other one. */
  void observe(Clock::duration own, Clock::duration waited) {
    if (waited < shortest_slice || waited < 3 * own) {
      if (waited < own) pause_ = shortest_pause;
      return;
    }
    until_.store((Clock::now() + pause_).time_since_epoch().count());
    pause_ = std::min<Clock::duration>(2 * pause_, longest_pause);
  }

 private:
  static constexpr std::chrono::milliseconds shortest_slice{1};
  static constexpr std::chrono::milliseconds shortest_pause{10};
  static constexpr std::chrono::milliseconds longest_pause{320};

  std::atomic<Clock::rep> until_{0};
  /** Of the engaged caller alone. */
  Clock::duration pause_ = shortest_pause;
};

Contention contention;
std::atomic<int> max_threads{0};
/** 0: nobody fixed it for this thread. */
thread_local int fixed_max_threads = 0;
/** Tasks that run on threads of their own at this moment; it decides where others run, and never what they compute. */
std::atomic<int> num_concurrent_tasks{0};

/** Counts a task from its making on, whatever ends it. */
class ConcurrentTask {
 public:
  ConcurrentTask() { ++num_concurrent_tasks; }
  ~ConcurrentTask() { --num_concurrent_tasks; }
  ConcurrentTask(const ConcurrentTask&) = delete;
  ConcurrentTask& operator=(const ConcurrentTask&) = delete;
};
/**
 * Whether this thread is inside of a task, whatever thread that runs on. It decides what is cut in two: where tasks run
 * depends on what else the machine does, and results must not.
 */
thread_local bool is_inside_task = false;

class InsideTask {
 public:
  InsideTask() { is_inside_task = true; }
  ~InsideTask() { is_inside_task = was_inside_; }
  InsideTask(const InsideTask&) = delete;
  InsideTask& operator=(const InsideTask&) = delete;

 private:
  bool was_inside_ = is_inside_task;
};

void run_inside(const std::function<void()>& task) {
  const InsideTask inside;
  task();
}

int allowed_threads() {
  if (fixed_max_threads != 0) return fixed_max_threads;
  const int chosen = max_threads.load();
  return chosen != 0 ? chosen : LibraryThreads::instance().found();
}

bool runs_pairs() {
  const int allowed = allowed_threads();
  return allowed > 1 && allowed <= most_paired_threads;
}

}  // namespace

void set_max_threads(int num_threads) { max_threads.store(num_threads); }

void fix_max_threads() { fixed_max_threads = allowed_threads(); }

int library_threads(double flops) {
  return runs_pairs() || is_inside_task || flops < smallest_shared_flops ? 1 : allowed_threads();
}

LibraryCall::LibraryCall(double flops) { LibraryThreads::instance().enter(library_threads(flops)); }
LibraryCall::LibraryCall(Whole) { LibraryThreads::instance().enter(is_inside_task ? 1 : allowed_threads()); }
LibraryCall LibraryCall::with_all_threads() { return LibraryCall(Whole::yes); }
LibraryCall::~LibraryCall() { LibraryThreads::instance().leave(); }

bool is_for_pair(double flops) { return flops >= smallest_pair_flops && runs_pairs() && !is_inside_task; }

void run_pair(const std::function<void()>& first, const std::function<void()>& second, PairLength length) {
  static CompanionThread companion;
  const bool is_free =
      runs_pairs() && num_concurrent_tasks.load() == 0 && (length == PairLength::lengthy || !contention.is_likely());
  const auto with = is_free ? companion.engage() : CompanionThread::Engagement();
  const std::function<void()> inside_second = [&] { run_inside(second); };
  if (!with || !with.start(inside_second)) {
    run_inside(first);
    run_inside(second);
    return;
  }
  const ConcurrentTask counted_first;
  const ConcurrentTask counted_second;
  std::exception_ptr failure;
  const auto begin = Contention::Clock::now();
  try {
    run_inside(first);
  } catch (...) {
    failure = std::current_exception();
  }
  const auto middle = Contention::Clock::now();
  const auto other_failure = with.finish();
  contention.observe(middle - begin, Contention::Clock::now() - middle);
  if (!failure) failure = other_failure;
  if (failure) std::rethrow_exception(failure);
}

void run_independent(std::span<const std::function<void()>> tasks, double flops_each) {
  const auto allowed = static_cast<std::size_t>(allowed_threads());
  // With twice as many threads as tasks, threads inside of each task use the machine better.
  const double smallest_flops = tasks.size() == 2 && runs_pairs() ? 0.5 * smallest_pair_flops : smallest_shared_flops;
  const bool side_by_side =
      tasks.size() > 1 && !is_inside_task && allowed > 1 && allowed < 2 * tasks.size() && flops_each >= smallest_flops;
  if (!side_by_side) {
    for (const auto& task : tasks) task();
    return;
  }
  if (tasks.size() == 2) {
    run_pair(tasks[0], tasks[1], flops_each >= smallest_shared_flops ? PairLength::lengthy : PairLength::brief);
    return;
  }
  if (num_concurrent_tasks.load() > 0) {
    // Tasks of another caller have the threads.
    for (const auto& task : tasks) run_inside(task);
    return;
  }
  std::vector<std::exception_ptr> failures(tasks.size());
  const auto run = [&](std::size_t index) {
    const ConcurrentTask counted;
    try {
      run_inside(tasks[index]);
    } catch (...) {
      failures[index] = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(tasks.size());
  std::size_t started = 1;
  try {
    for (; started < tasks.size(); ++started) threads.emplace_back(run, started);
  } catch (const std::system_error&) {
    // The system gives no more threads: this one does the rest.
  }
  run(0);
  for (; started < tasks.size(); ++started) run(started);
  for (auto& thread : threads) thread.join();
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace tramontana::host

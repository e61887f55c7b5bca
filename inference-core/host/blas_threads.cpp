// SPDX-License-Identifier: Apache-2.0
#include "host/blas_threads.hpp"

#include <cblas.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <vector>

#include "host/companion_thread.hpp"

namespace tramontana::host {
namespace {

/** About a millisecond of work for one core, a few dozen times what starting a second thread costs. */
constexpr double smallest_shared_flops = 3e7;

std::atomic<int> max_threads{0};
/** Tasks that run on threads of their own at this moment; while there are any, BLAS stays sequential. */
std::atomic<int> num_concurrent_tasks{0};

int allowed_threads() {
  int allowed = max_threads.load();
  if (allowed == 0) {
    // Nobody chose: what the library found when it was loaded.
    allowed = std::max(1, openblas_get_num_threads());
    max_threads.store(allowed);
  }
  return allowed;
}

}  // namespace

void set_max_threads(int num_threads) { max_threads.store(num_threads); }

void use_threads_for(double flops) {
  const int allowed = allowed_threads();
  const bool is_sequential = flops < smallest_shared_flops || num_concurrent_tasks.load() > 0;
  const int wanted = is_sequential ? 1 : allowed;
  if (openblas_get_num_threads() != wanted) openblas_set_num_threads(wanted);
}

bool can_run_pair() {
  const int allowed = allowed_threads();
  return (allowed == 2 || allowed == 3) && num_concurrent_tasks.load() == 0;
}

void run_pair(const std::function<void()>& first, const std::function<void()>& second) {
  static CompanionThread companion;
  const auto with = can_run_pair() ? companion.engage() : CompanionThread::Engagement();
  if (!with) {
    first();
    second();
    return;
  }
  use_threads_for(0.0);
  num_concurrent_tasks += 2;
  std::exception_ptr failure;
  with.start(second);
  try {
    first();
  } catch (...) {
    failure = std::current_exception();
  }
  const auto other_failure = with.finish();
  num_concurrent_tasks -= 2;
  if (!failure) failure = other_failure;
  if (failure) std::rethrow_exception(failure);
}

void run_independent(std::span<const std::function<void()>> tasks, double flops_each) {
  const auto allowed = static_cast<std::size_t>(allowed_threads());
  // With twice as many threads as tasks, threads inside of each task use the machine better. Tasks inside of a task
  // find the threads taken.
  const bool side_by_side = tasks.size() > 1 && num_concurrent_tasks.load() == 0 && allowed > 1 &&
                            allowed < 2 * tasks.size() && flops_each >= smallest_shared_flops;
  if (!side_by_side) {
    for (const auto& task : tasks) task();
    return;
  }
  if (tasks.size() == 2) {
    run_pair(tasks[0], tasks[1]);
    return;
  }
  use_threads_for(0.0);
  num_concurrent_tasks += static_cast<int>(tasks.size());
  std::vector<std::exception_ptr> failures(tasks.size());
  const auto run = [&](std::size_t index) {
    try {
      tasks[index]();
    } catch (...) {
      failures[index] = std::current_exception();
    }
    --num_concurrent_tasks;
  };
  std::vector<std::thread> threads;
  for (std::size_t index = 1; index < tasks.size(); ++index) threads.emplace_back(run, index);
  run(0);
  for (auto& thread : threads) thread.join();
  for (const auto& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace tramontana::host

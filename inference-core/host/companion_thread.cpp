// SPDX-License-Identifier: Apache-2.0
#include "host/companion_thread.hpp"

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

#include <chrono>
#include <system_error>

namespace tramontana::host {
namespace {

/**
 * About what a virtual machine takes to wake a core that fell asleep. Pauses between the tasks of one inversion are
 * shorter, so that its tasks can be as short as some ten microseconds.
 */
constexpr std::chrono::microseconds looks_before_sleep{200};
constexpr int looks_between_clocks = 64;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

CompanionThread::~CompanionThread() {
  if (!thread_.joinable()) return;
  state_.store(stopping);
  state_.notify_all();
  thread_.join();
}

CompanionThread::State CompanionThread::wait_while(State old) {
  const auto until = std::chrono::steady_clock::now() + looks_before_sleep;
  do {
    for (int look = 0; look < looks_between_clocks; ++look) {
      if (const State now = state_.load(); now != old) return now;
      pause_briefly();
    }
  } while (std::chrono::steady_clock::now() < until);
  state_.wait(old);
  return state_.load();
}

bool CompanionThread::start(const std::function<void()>& task) {
  task_ = &task;
  try {
    if (!thread_.joinable()) thread_ = std::thread([this] { serve(); });
  } catch (const std::system_error&) {
    return false;
  }
  keep_off_this_processor();
  state_.store(offered);
  state_.notify_all();
  return true;
}

void CompanionThread::keep_off_this_processor() {
#if defined(__linux__)
  const int here = sched_getcpu();
  if (here < 0 || here == avoided_processor_) return;
  avoided_processor_ = here;
  // Nothing to hold on to: where the system refuses, the threads share processors as it sees fit.
  cpu_set_t allowed;
  if (pthread_getaffinity_np(pthread_self(), sizeof(allowed), &allowed) != 0 || CPU_COUNT(&allowed) < 2) return;
  CPU_CLR(here, &allowed);
  (void)pthread_setaffinity_np(thread_.native_handle(), sizeof(allowed), &allowed);
#endif
}

std::exception_ptr CompanionThread::run(const std::function<void()>& task) {
  try {
    task();
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

std::exception_ptr CompanionThread::finish() {
  State expected = offered;
  if (state_.compare_exchange_strong(expected, idle)) return run(*task_);
  while (wait_while(running) == running) continue;
  return failure_;
}

void CompanionThread::serve() {
  for (;;) {
    const State state = wait_while(idle);
    if (state == stopping) return;
    State expected = offered;
    if (!state_.compare_exchange_strong(expected, running)) continue;
    failure_ = run(*task_);
    state_.store(idle);
    state_.notify_all();
  }
}

}  // namespace tramontana::host

// SPDX-License-Identifier: Apache-2.0
#include "host/companion_thread.hpp"

namespace tramontana::host {
namespace {

/** Some ten microseconds: about what falling asleep and waking up costs. */
constexpr int looks_before_sleep = 500;

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
  for (int look = 0; look < looks_before_sleep; ++look) {
    if (const State now = state_.load(); now != old) return now;
    pause_briefly();
  }
  state_.wait(old);
  return state_.load();
}

void CompanionThread::start(const std::function<void()>& task) {
  task_ = &task;
  failure_ = nullptr;
  state_.store(started);
  if (thread_.joinable()) {
    state_.notify_all();
  } else {
    thread_ = std::thread([this] { serve(); });
  }
}

std::exception_ptr CompanionThread::finish() {
  while (wait_while(started) == started) continue;
  return failure_;
}

void CompanionThread::serve() {
  for (;;) {
    const State state = wait_while(idle);
    if (state == stopping) return;
    if (state != started) continue;
    try {
      (*task_)();
    } catch (...) {
      failure_ = std::current_exception();
    }
    state_.store(idle);
    state_.notify_all();
  }
}

}  // namespace tramontana::host

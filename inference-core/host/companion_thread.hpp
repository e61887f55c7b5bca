// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace tramontana::host {

/**
 * One thread that runs a task at a time for whoever engages it. It starts with the first engagement, looks for the next
 * task for a few hundred microseconds and then sleeps. It keeps off the processor of its starter: the scheduler of the
 * system may wake it there, and moves it only milliseconds later.
 */
class CompanionThread {
 public:
  /** The right to give tasks; false when another caller has it. */
  class Engagement {
   public:
    Engagement() = default;
    explicit Engagement(CompanionThread& companion)
        : companion_(&companion), lock_(companion.engaged_, std::try_to_lock) {}

    explicit operator bool() const { return lock_.owns_lock(); }
    /** Offers `task`, which must live until finish(). @return false where the system gives no thread */
    [[nodiscard]] bool start(const std::function<void()>& task) const { return companion_->start(task); }
    /**
     * Waits for its end, or runs it here when the thread has not begun it: on a busy machine it may be long in coming.
     *
     * @return what it threw, or null
     */
    [[nodiscard]] std::exception_ptr finish() const { return companion_->finish(); }

   private:
    CompanionThread* companion_ = nullptr;
    std::unique_lock<std::mutex> lock_;
  };

  CompanionThread() = default;
  ~CompanionThread();
  CompanionThread(const CompanionThread&) = delete;
  CompanionThread& operator=(const CompanionThread&) = delete;

  [[nodiscard]] Engagement engage() { return Engagement(*this); }

 private:
  enum State : int { idle, offered, running, stopping };

  [[nodiscard]] bool start(const std::function<void()>& task);
  [[nodiscard]] std::exception_ptr finish();
  void serve();
  /** What the task threw, or null. */
  [[nodiscard]] static std::exception_ptr run(const std::function<void()>& task);
  void keep_off_this_processor();
  /** Returns the state once it is not `old`: looks for a while, then sleeps. */
  State wait_while(State old);

  std::mutex engaged_;
  std::thread thread_;
  std::atomic<State> state_{idle};
  const std::function<void()>* task_ = nullptr;
  std::exception_ptr failure_;
  int avoided_processor_ = -1;
};

}  // namespace tramontana::host

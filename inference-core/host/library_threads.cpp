// SPDX-License-Identifier: Apache-2.0
#include "host/library_threads.hpp"

#include <cblas.h>

#include <algorithm>

namespace tramontana::host {
namespace {

constexpr std::uint64_t one_user = 1;
constexpr std::uint64_t users_mask = 0xffff'ffff;
constexpr int threads_shift = 32;
constexpr std::uint64_t threads_mask = std::uint64_t{0xffff} << threads_shift;
/** Somebody waits until nobody is inside: newcomers queue behind. */
constexpr std::uint64_t closed = std::uint64_t{1} << 63;

std::uint64_t users_of(std::uint64_t state) { return state & users_mask; }

std::uint64_t with_threads(int num_threads) { return static_cast<std::uint64_t>(num_threads) << threads_shift; }

}  // namespace

LibraryThreads& LibraryThreads::instance() {
  static LibraryThreads threads;
  return threads;
}

LibraryThreads::LibraryThreads() : found_(std::max(1, openblas_get_num_threads())), state_(with_threads(found_)) {}

bool LibraryThreads::try_enter(int wanted) {
  auto state = state_.load(std::memory_order_relaxed);
  while ((state & (closed | threads_mask)) == with_threads(wanted) && (wanted == 1 || users_of(state) == 0)) {
    if (state_.compare_exchange_weak(state, state + one_user, std::memory_order_acquire)) return true;
  }
  return false;
}

void LibraryThreads::enter(int wanted) {
  if (try_enter(wanted)) return;
  std::unique_lock lock(mutex_);
  while (!try_enter(wanted)) {
    // Whoever leaves last after this sees the mark and wakes those that wait.
    if (users_of(state_.fetch_or(closed, std::memory_order_acq_rel)) > 0) {
      has_emptied_.wait(lock);
      continue;
    }
    // Nobody is inside, and nobody can come in while the mark stands and the mutex is held.
    openblas_set_num_threads(wanted);
    state_.store(with_threads(wanted) | one_user, std::memory_order_release);
    has_emptied_.notify_all();
    return;
  }
}

void LibraryThreads::leave() {
  const auto before = state_.fetch_sub(one_user, std::memory_order_acq_rel);
  if ((before & closed) == 0 || users_of(before) > 1) return;
  // Under the mutex: a caller that saw users inside is waiting by now.
  const std::lock_guard lock(mutex_);
  has_emptied_.notify_all();
}

}  // namespace tramontana::host

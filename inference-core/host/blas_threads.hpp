// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>

namespace tramontana::host {

/** Threads that large operations may use. */
void set_max_threads(int num_threads);

/**
 * Sets the threads of the next BLAS call by its size.
 *
 * The threads of one BLAS call wait for each other by spinning. That is cheap on idle cores and ruinous on busy ones,
 * where every wait can cost a time slice: fits of small models were measured 100 times slower on a machine with a load
 * of 15. Calls too short to gain from a second thread therefore stay on one.
 */
void use_threads_for(double flops);

/**
 * Runs independent tasks. When there are about as many tasks as threads, each gets a thread of its own with sequential
 * BLAS, which needs no synchronisation inside; otherwise they run one after the other, each with all threads.
 */
void run_independent(std::span<const std::function<void()>> tasks, double flops_each);

/** True when run_pair() would use a second thread: two or three threads allowed, none of our tasks running. */
[[nodiscard]] bool can_run_pair();

/**
 * Runs two tasks, one of them on a companion thread that waits between calls: a few microseconds, so that tasks of a
 * tenth of a millisecond gain from it. Both use sequential BLAS. Where can_run_pair() is false, or the companion is
 * with another caller, they run one after the other.
 */
void run_pair(const std::function<void()>& first, const std::function<void()>& second);

}  // namespace tramontana::host

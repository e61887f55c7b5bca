// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <deque>
#include <list>
#include <memory>
#include <thread>

#include "napi/computation.hpp"

namespace tramontana::addon {

/**
 * The computations of one environment of JavaScript: of the main thread, or of a Worker. Each has a thread of its own,
 * so that none takes those on which Node reads files. When the environment ends, by itself, by process.exit() or
 * because its Worker is terminated, all are cancelled and waited for: no thread outlives what it reports to.
 *
 * Everything but deliver() belongs to the thread of JavaScript.
 */
class Computations {
 public:
  /** Makes those of an environment; once, when the addon is loaded into it. */
  static void attach(Napi::Env env);
  static Computations& of(Napi::Env env) { return *env.GetInstanceData<Computations>(); }

  explicit Computations(Napi::Env env);
  ~Computations() = default;
  Computations(const Computations&) = delete;
  Computations& operator=(const Computations&) = delete;

  void start(std::shared_ptr<Computation> computation);
  void interrupt(Computation& computation);
  /** On any thread: queues a delivery behind the earlier ones; it is dropped where the environment ends. */
  void deliver(std::unique_ptr<Delivery> delivery);

 private:
  struct Running {
    std::shared_ptr<Computation> computation;
    std::thread thread;
  };

  /** Starts those that wait as long as there is room. */
  void start_waiting();
  /** @return false where the system gives no thread */
  bool try_start(const std::shared_ptr<Computation>& computation);
  void settle(std::list<Running>::iterator running);
  /** Keeps the process alive while there is something to wait for. */
  void update_reference();
  void end();

  Napi::Env env_;
  napi_threadsafe_function queue_ = nullptr;
  bool is_referenced_ = false;
  bool has_ended_ = false;
  std::list<Running> running_;
  std::deque<std::shared_ptr<Computation>> waiting_;
};

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "napi/computations.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "tramontana/engine.hpp"

namespace tramontana::addon {
namespace {

/** More than that wait for their turn: threads are not free, and the processors have enough to do. */
std::size_t most_side_by_side() { return std::max<std::size_t>(16, std::thread::hardware_concurrency()); }

void check(napi_status status) {
  if (status != napi_ok) throw Error("Internal", "Node refused a queue for the results of the engine.");
}

/** On the thread of JavaScript, or while it ends: then there is no environment and nobody to tell. */
void receive(napi_env env, napi_value, void*, void* data) noexcept {
  const std::unique_ptr<Delivery> delivery(static_cast<Delivery*>(data));
  if (env == nullptr) return;
  try {
    const Napi::HandleScope scope(env);
    (*delivery)(Napi::Env(env));
  } catch (...) {
    // JavaScript can run no more: its Worker is being terminated.
  }
}

}  // namespace

void Computations::attach(Napi::Env env) {
  auto* computations = new Computations(env);
  env.SetInstanceData(computations);
  // Hooks run in reverse order: this one before the one that closes the queue.
  env.AddCleanupHook([computations] { computations->end(); });
  // process.exit() ends the process without the hooks, while threads would go on in libraries that are being taken
  // down.
  const auto process = env.Global().Get("process").As<Napi::Object>();
  process.Get("on").As<Napi::Function>().Call(
      process,
      {Napi::String::New(env, "exit"), Napi::Function::New(env, [computations](const Napi::CallbackInfo& call) {
         computations->end();
         return call.Env().Undefined();
       })});
}

Computations::Computations(Napi::Env env) : env_(env) {
  const auto name = Napi::String::New(env, "tramontana_computations");
  check(
      napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, receive, &queue_));
  check(napi_unref_threadsafe_function(env, queue_));
}

void Computations::start(std::shared_ptr<Computation> computation) {
  if (has_ended_) {
    computation->failure_ = Interrupted();
    computation->settle(env_);
    return;
  }
  waiting_.push_back(std::move(computation));
  start_waiting();
}

void Computations::start_waiting() {
  while (!waiting_.empty() && running_.size() < most_side_by_side()) {
    const auto next = waiting_.front();
    const bool has_started = try_start(next);
    // Those that run will make room; where there are none, there is nothing to wait for.
    if (!has_started && !running_.empty()) break;
    waiting_.pop_front();
    if (has_started) continue;
    next->failure_ = Error("OutOfThreads", "The system gives the engine no thread to compute on.");
    next->settle(env_);
  }
  update_reference();
}

bool Computations::try_start(const std::shared_ptr<Computation>& computation) {
  const auto running = running_.insert(running_.end(), {computation, {}});
  // Made here: at its end a thread without memory could not.
  auto settlement = std::make_unique<Delivery>([this, running](Napi::Env) { settle(running); });
  try {
    running->thread =
        std::thread([this, computation = computation.get(), settlement = std::move(settlement)]() mutable {
          fix_num_threads();
          computation->execute();
          deliver(std::move(settlement));
        });
  } catch (const std::exception&) {
    // No thread, or no memory for one.
    running_.erase(running);
    return false;
  }
  return true;
}

void Computations::deliver(std::unique_ptr<Delivery> delivery) {
  if (napi_call_threadsafe_function(queue_, delivery.get(), napi_tsfn_nonblocking) == napi_ok) (void)delivery.release();
}

void Computations::settle(std::list<Running>::iterator running) {
  running->thread.join();
  const auto computation = std::move(running->computation);
  running_.erase(running);
  start_waiting();
  computation->settle(env_);
}

void Computations::interrupt(Computation& computation) {
  computation.cancellation_.cancel();
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const auto& waiting) { return waiting.get() == &computation; });
  if (found == waiting_.end()) return;
  waiting_.erase(found);
  computation.failure_ = Interrupted();
  computation.settle(env_);
}

void Computations::update_reference() {
  const bool is_needed = !running_.empty();
  if (is_needed == is_referenced_) return;
  check(is_needed ? napi_ref_threadsafe_function(env_, queue_) : napi_unref_threadsafe_function(env_, queue_));
  is_referenced_ = is_needed;
}

void Computations::end() {
  if (std::exchange(has_ended_, true)) return;
  waiting_.clear();
  for (const auto& running : running_) running.computation->cancellation_.cancel();
  for (auto& running : running_) running.thread.join();
  running_.clear();
  (void)napi_release_threadsafe_function(queue_, napi_tsfn_abort);
}

}  // namespace tramontana::addon

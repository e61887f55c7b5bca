// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "napi/promise_worker.hpp"
#include "tramontana/cancellation.hpp"

namespace tramontana::addon {

/** A PromiseWorker that its caller can stop. */
class InterruptibleWorker : public PromiseWorker {
 public:
  explicit InterruptibleWorker(Napi::Env env)
      : PromiseWorker(env), cancellation_(std::make_shared<CancellationToken>()) {}

  /** Queues the worker, which owns itself from here on. @return {promise, interrupt} */
  static Napi::Object start(std::unique_ptr<InterruptibleWorker> worker) {
    const auto env = worker->Env();
    auto running = Napi::Object::New(env);
    running.Set("promise", worker->promise());
    running.Set("interrupt",
                Napi::Function::New(env, [cancellation = worker->cancellation_](const Napi::CallbackInfo& call) {
                  cancellation->cancel();
                  return call.Env().Undefined();
                }));
    worker.release()->Queue();
    return running;
  }

 protected:
  [[nodiscard]] CancellationToken* cancellation() const { return cancellation_.get(); }

 private:
  std::shared_ptr<CancellationToken> cancellation_;
};

}  // namespace tramontana::addon

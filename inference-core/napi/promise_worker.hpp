// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <new>
#include <optional>
#include <string>

#include "napi/conversions.hpp"
#include "tramontana/errors.hpp"

namespace tramontana::addon {

/**
 * A computation on a thread of the pool whose outcome settles a promise.
 *
 * Arguments are copied in by the constructor; compute() touches no JavaScript value; result() makes the values, back on
 * the main thread. Nothing that compute() throws leaves it as anything but a rejection.
 */
class PromiseWorker : public Napi::AsyncWorker {
 public:
  explicit PromiseWorker(Napi::Env env) : Napi::AsyncWorker(env), deferred_(Napi::Promise::Deferred::New(env)) {}

  [[nodiscard]] Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  virtual void compute() = 0;
  virtual Napi::Value result(Napi::Env env) = 0;

  void Execute() final {
    try {
      compute();
      return;
    } catch (const Error& error) {
      failure_ = error;
    } catch (const std::bad_alloc&) {
      failure_ = Error("OutOfMemory", "The engine could not allocate the memory it needs.");
    } catch (const std::exception& error) {
      failure_ = Error("Internal", error.what());
    }
    SetError(failure_->what());
  }

  void OnOK() override { deferred_.Resolve(result(Env())); }
  void OnError(const Napi::Error&) override { deferred_.Reject(error_to_js(Env(), *failure_).Value()); }

  Napi::Promise::Deferred deferred_;
  std::optional<Error> failure_;
};

}  // namespace tramontana::addon

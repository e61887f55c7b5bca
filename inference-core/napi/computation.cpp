// SPDX-License-Identifier: Apache-2.0
#include "napi/computation.hpp"

#include <exception>
#include <new>
#include <utility>

#include "napi/computations.hpp"

namespace tramontana::addon {

Computation::Computation(Napi::Env env)
    : computations_(Computations::of(env)), deferred_(Napi::Promise::Deferred::New(env)) {}

Napi::Promise Computation::start(std::shared_ptr<Computation> computation) {
  const auto promise = computation->deferred_.Promise();
  auto& computations = computation->computations_;
  computations.start(std::move(computation));
  return promise;
}

Napi::Object Computation::start_interruptible(std::shared_ptr<Computation> computation) {
  const auto env = computation->deferred_.Env();
  auto running = Napi::Object::New(env);
  running.Set("promise", computation->deferred_.Promise());
  // The function may outlive the computation and must not keep its results.
  const std::weak_ptr<Computation> weak = computation;
  running.Set("interrupt", Napi::Function::New(env, [weak](const Napi::CallbackInfo& call) {
                if (const auto found = weak.lock()) found->computations_.interrupt(*found);
                return call.Env().Undefined();
              }));
  auto& computations = computation->computations_;
  computations.start(std::move(computation));
  return running;
}

void Computation::set_callback(const Napi::Value& callback, const std::string& path) {
  if (!callback.IsFunction()) throw InvalidModel(path + " must be a function.", {{"field", path}});
  callback_ = Napi::Persistent(callback.As<Napi::Function>());
}

void Computation::set_optional_callback(const Napi::Value& callback, const std::string& path) {
  if (!is_absent(callback)) set_callback(callback, path);
}

void Computation::report(std::function<std::vector<napi_value>(Napi::Env)> arguments) {
  // Set before the thread began, and not changed by it.
  if (callback_.IsEmpty()) return;
  computations_.deliver(std::make_unique<Delivery>(
      [this, arguments = std::move(arguments)](Napi::Env env) { call_back(env, arguments(env)); }));
}

void Computation::report_progress(int done, int total) {
  report([done, total](Napi::Env env) {
    return std::vector<napi_value>{Napi::Number::New(env, done), Napi::Number::New(env, total)};
  });
}

void Computation::call_back(Napi::Env env, const std::vector<napi_value>& arguments) {
  // The callback may end the environment and with it all computations.
  const auto kept = shared_from_this();
  if (callback_error_) return;
  try {
    callback_.Value().Call(env.Undefined(), arguments);
  } catch (const Napi::Error& error) {
    cancellation_.cancel();
    callback_error_ = error;
  }
}

void Computation::agree_to_go_on() {
  agreement_.reach([this] { cancellation_.throw_if_cancelled(); });
}

void Computation::compute_and_agree() {
  std::exception_ptr failure;
  try {
    cancellation_.throw_if_cancelled();
    compute();
  } catch (...) {
    failure = std::current_exception();
  }
  const auto tell = [&failure] {
    if (failure) std::rethrow_exception(failure);
  };
  if (is_agreed_on()) {
    agreement_.reach(tell);
  } else {
    tell();
  }
}

void Computation::execute() {
  try {
    compute_and_agree();
  } catch (const Error& error) {
    failure_ = error;
  } catch (const std::bad_alloc&) {
    failure_ = out_of_memory();
  } catch (const std::exception& error) {
    failure_ = Error("Internal", error.what());
  }
}

void Computation::settle(Napi::Env env) {
  if (callback_error_) {
    deferred_.Reject(callback_error_->Value());
    return;
  }
  try {
    if (!failure_) {
      deferred_.Resolve(result(env));
      return;
    }
  } catch (const std::bad_alloc&) {
    failure_ = out_of_memory();
  } catch (const Napi::Error& error) {
    // JavaScript could not make the values, for want of memory as a rule.
    deferred_.Reject(error.Value());
    return;
  }
  deferred_.Reject(error_to_js(env, *failure_).Value());
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "napi/conversions.hpp"
#include "napi/ranks.hpp"
#include "tramontana/cancellation.hpp"
#include "tramontana/errors.hpp"

namespace tramontana::addon {

class Computations;

/** Work that is brought to the thread of JavaScript. */
using Delivery = std::function<void(Napi::Env)>;

/**
 * A computation on a thread of its own whose outcome settles a promise.
 *
 * Arguments are copied in by the constructor; compute() touches no JavaScript value; result() makes the values, back on
 * the thread of JavaScript. Nothing that compute() throws leaves it as anything but a rejection. Everything here but
 * compute() and the reports belongs to the thread of JavaScript.
 */
class Computation : public std::enable_shared_from_this<Computation> {
 public:
  explicit Computation(Napi::Env env);
  virtual ~Computation() = default;
  Computation(const Computation&) = delete;
  Computation& operator=(const Computation&) = delete;

  /** Starts a computation, which owns itself from here on. @return its promise */
  static Napi::Promise start(std::shared_ptr<Computation> computation);
  /** The same for one that its caller can stop. @return {promise, interrupt} */
  static Napi::Object start_interruptible(std::shared_ptr<Computation> computation);

 protected:
  virtual void compute() = 0;
  virtual Napi::Value result(Napi::Env env) = 0;

  /** The function that report() calls. @throws InvalidModel unless it is a function, or absent where that is allowed */
  void set_callback(const Napi::Value& callback, const std::string& path);
  void set_optional_callback(const Napi::Value& callback, const std::string& path);
  /**
   * From compute(): calls the callback after the earlier calls and before the promise settles. When it throws, the
   * computation is cancelled and the promise rejects with what was thrown.
   */
  void report(std::function<std::vector<napi_value>(Napi::Env)> arguments);
  /** report() with the work done and that in all. */
  void report_progress(int done, int total);
  [[nodiscard]] const CancellationToken& cancellation() const { return cancellation_; }
  /** From compute(), at the same points on all ranks. @throws Interrupted on all where one is cancelled */
  void agree_to_go_on();
  /** Whether the ranks agree on the end; not those that are messages between ranks themselves. */
  [[nodiscard]] virtual bool is_agreed_on() const { return true; }

 private:
  friend class Computations;

  /** On the computation's thread. */
  void execute();
  void compute_and_agree();
  void call_back(Napi::Env env, const std::vector<napi_value>& arguments);
  void settle(Napi::Env env);

  Computations& computations_;
  Napi::Promise::Deferred deferred_;
  Napi::FunctionReference callback_;
  /** What the callback threw; the promise rejects with it. */
  std::optional<Napi::Error> callback_error_;
  CancellationToken cancellation_;
  Agreement agreement_;
  std::optional<Error> failure_;
};

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/integration.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "napi/exports.hpp"
#include "napi/interruptible_worker.hpp"
#include "napi/model_argument.hpp"
#include "napi/posterior_conversions.hpp"

namespace tramontana::addon {
namespace {

/** Takes progress from the worker's thread to the main thread; silent without a function. */
class ProgressReport {
 public:
  ProgressReport(Napi::Env env, const Napi::Value& callback, CancellationToken* cancellation)
      : shared_(std::make_shared<Shared>(cancellation)) {
    if (is_absent(callback)) return;
    if (!callback.IsFunction()) throw InvalidModel("onProgress must be a function.", {{"field", "onProgress"}});
    function_ = Napi::ThreadSafeFunction::New(env, callback.As<Napi::Function>(), "tramontana_integrate", 0, 1);
  }

  /** On the worker's thread. */
  void tell(int done, int total) const {
    if (!function_) return;
    function_->NonBlockingCall([shared = shared_, done, total](Napi::Env env, Napi::Function callback) {
      // env is null while Node shuts down: there is nobody to tell.
      if (static_cast<napi_env>(env) == nullptr || shared->has_ended || shared->error) return;
      const Napi::HandleScope scope(env);
      try {
        callback.Call({Napi::Number::New(env, done), Napi::Number::New(env, total)});
      } catch (const Napi::Error& error) {
        shared->error = error;
        shared->cancellation->cancel();
      }
    });
  }

  /** On the main thread, once: later calls are dropped. @return what the function threw */
  std::optional<Napi::Error> end() {
    shared_->has_ended = true;
    if (function_) function_->Release();
    return std::exchange(shared_->error, std::nullopt);
  }

 private:
  /** Only the main thread touches it after its making. */
  struct Shared {
    explicit Shared(CancellationToken* token) : cancellation(token) {}
    CancellationToken* cancellation;
    bool has_ended = false;
    std::optional<Napi::Error> error;
  };
  std::shared_ptr<Shared> shared_;
  std::optional<Napi::ThreadSafeFunction> function_;
};

class IntegrateWorker final : public InterruptibleWorker {
 public:
  IntegrateWorker(Napi::Env env, ModelArgument model, std::vector<double> mode, std::vector<double> covariance,
                  IntegrationOptions options, const Napi::Value& on_progress)
      : InterruptibleWorker(env),
        model_(std::move(model)),
        mode_(std::move(mode)),
        covariance_(std::move(covariance)),
        options_(std::move(options)),
        progress_(env, on_progress, cancellation()) {
    options_.on_progress = [this](int done, int total) { progress_.tell(done, total); };
  }

 protected:
  void compute() override {
    const auto prepared = model_.prepared();
    result_ = tramontana::integrate(*prepared, mode_, covariance_, options_, cancellation());
  }

  Napi::Value result(Napi::Env env) override { return integration_to_js(env, result_); }

  void OnOK() override {
    if (!reject_with_callback_error()) InterruptibleWorker::OnOK();
  }
  void OnError(const Napi::Error& error) override {
    if (!reject_with_callback_error()) InterruptibleWorker::OnError(error);
  }

 private:
  bool reject_with_callback_error() {
    const auto error = progress_.end();
    if (error) deferred_.Reject(error->Value());
    return error.has_value();
  }

  ModelArgument model_;
  std::vector<double> mode_;
  std::vector<double> covariance_;
  IntegrationOptions options_;
  ProgressReport progress_;
  IntegrationResult result_;
};

}  // namespace

Napi::Value integrate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return InterruptibleWorker::start(std::make_unique<IntegrateWorker>(
        info.Env(), ModelArgument(info[0]), doubles_from_js(info[1], "mode"),
        doubles_from_js(info[2], "thetaCovariance"), integration_options_from_js(info[3]), info[4]));
  });
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/fit.hpp"

#include <memory>
#include <optional>

#include "napi/exports.hpp"
#include "napi/fit_conversions.hpp"
#include "napi/model_argument.hpp"
#include "napi/promise_worker.hpp"

namespace tramontana::addon {
namespace {

/** What the fit's thread, the main thread and the interrupt function share. */
struct SharedFit {
  CancellationToken cancellation;
  /** Set on the main thread when the callback threw; the promise rejects with it. */
  std::optional<Napi::Error> callback_error;
};

/**
 * Runs a fit and calls `on_iteration` on the main thread after every iteration, in order. The promise settles through
 * the same queue, so that every state has been delivered by then.
 */
class FitWorker final : public PromiseWorker {
 public:
  FitWorker(Napi::Env env, ModelArgument model, FitOptions options, std::optional<OptimizerState> resume_from,
            const Napi::Function& on_iteration, std::shared_ptr<SharedFit> shared)
      : PromiseWorker(env),
        model_(std::move(model)),
        options_(std::move(options)),
        resume_from_(std::move(resume_from)),
        shared_(std::move(shared)),
        report_(Napi::ThreadSafeFunction::New(env, on_iteration, "tramontana_fit", 0, 1)) {}

 protected:
  void compute() override {
    const auto prepared = model_.prepared();
    const auto on_iteration = [this](const OptimizerState& state) {
      auto* copy = new OptimizerState(state);
      const auto status = report_.BlockingCall(
          copy, [shared = shared_](Napi::Env env, Napi::Function callback, OptimizerState* delivered) {
            const std::unique_ptr<OptimizerState> owned(delivered);
            // env is null while Node shuts down: there is nobody to tell.
            if (static_cast<napi_env>(env) == nullptr || shared->callback_error) return;
            const Napi::HandleScope scope(env);
            try {
              callback.Call({state_to_js(env, *owned)});
            } catch (const Napi::Error& error) {
              shared->callback_error = error;
              shared->cancellation.cancel();
            }
          });
      if (status != napi_ok) delete copy;
      shared_->cancellation.throw_if_cancelled();
    };
    result_ = tramontana::fit(*prepared, options_, resume_from_ ? &*resume_from_ : nullptr, on_iteration,
                              &shared_->cancellation);
  }

  Napi::Value result(Napi::Env env) override { return result_to_js(env, result_); }

  void OnOK() override { settle_in_order(); }
  void OnError(const Napi::Error&) override { settle_in_order(); }

 private:
  void settle_in_order() {
    // A call from this thread goes behind the reports that are still in the queue.
    report_.NonBlockingCall(
        [deferred = deferred_, failure = failure_, shared = shared_,
         result = std::make_shared<FitResult>(std::move(result_))](Napi::Env callback_env, Napi::Function) {
          if (static_cast<napi_env>(callback_env) == nullptr) return;
          const Napi::HandleScope scope(callback_env);
          if (shared->callback_error) {
            deferred.Reject(shared->callback_error->Value());
            shared->callback_error.reset();
          } else if (failure) {
            deferred.Reject(error_to_js(callback_env, *failure).Value());
          } else {
            deferred.Resolve(result_to_js(callback_env, *result));
          }
        });
    report_.Release();
  }

  ModelArgument model_;
  FitOptions options_;
  std::optional<OptimizerState> resume_from_;
  std::shared_ptr<SharedFit> shared_;
  Napi::ThreadSafeFunction report_;
  FitResult result_;
};

}  // namespace

Napi::Value fit(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto env = info.Env();
    if (!info[3].IsFunction()) throw InvalidModel("onIteration must be a function.", {{"field", "onIteration"}});
    auto model = ModelArgument(info[0]);
    auto options = fit_options_from_js(info[1]);
    auto resume_from = state_from_js(info[2]);
    auto shared = std::make_shared<SharedFit>();
    auto* worker = new FitWorker(env, std::move(model), std::move(options), std::move(resume_from),
                                 info[3].As<Napi::Function>(), shared);
    auto running = Napi::Object::New(env);
    running.Set("promise", worker->promise());
    running.Set("interrupt", Napi::Function::New(env, [shared](const Napi::CallbackInfo& call) {
                  shared->cancellation.cancel();
                  return call.Env().Undefined();
                }));
    worker->Queue();
    return running;
  });
}

}  // namespace tramontana::addon

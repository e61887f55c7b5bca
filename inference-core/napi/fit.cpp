// SPDX-License-Identifier: Apache-2.0
#include "tramontana/fit.hpp"

#include <optional>

#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/fit_conversions.hpp"
#include "napi/model_argument.hpp"

namespace tramontana::addon {
namespace {

/** Calls `on_iteration` after every iteration, in order; every state has been delivered when the promise settles. */
class FitComputation final : public Computation {
 public:
  FitComputation(Napi::Env env, ModelArgument model, FitOptions options, std::optional<OptimizerState> resume_from,
                 const Napi::Value& on_iteration)
      : Computation(env), model_(std::move(model)), options_(std::move(options)), resume_from_(std::move(resume_from)) {
    set_callback(on_iteration, "onIteration");
  }

 protected:
  void compute() override {
    const auto prepared = model_.prepared();
    const auto on_iteration = [this](const OptimizerState& state) {
      report([state](Napi::Env env) { return std::vector<napi_value>{state_to_js(env, state)}; });
      cancellation().throw_if_cancelled();
    };
    result_ =
        tramontana::fit(*prepared, options_, resume_from_ ? &*resume_from_ : nullptr, on_iteration, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return result_to_js(env, result_); }

 private:
  ModelArgument model_;
  FitOptions options_;
  std::optional<OptimizerState> resume_from_;
  FitResult result_;
};

}  // namespace

Napi::Value fit(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(std::make_shared<FitComputation>(
        info.Env(), ModelArgument(info[0]), fit_options_from_js(info[1]), state_from_js(info[2]), info[3]));
  });
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/fit.hpp"

#include "napi/exports.hpp"
#include "napi/model_argument.hpp"
#include "napi/search_computation.hpp"

namespace tramontana::addon {
namespace {

class FitComputation final : public SearchComputation {
 public:
  FitComputation(Napi::Env env, ModelArgument model, FitOptions options, std::optional<OptimizerState> resume_from,
                 const Napi::Value& on_iteration)
      : SearchComputation(env, std::move(options), std::move(resume_from), on_iteration), model_(std::move(model)) {}

 protected:
  void search(const FitOptions& options, const OptimizerState* resume_from, const OnIteration& on_iteration) override {
    const auto prepared = model_.prepared();
    result_ = tramontana::fit(*prepared, options, resume_from, on_iteration, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return result_to_js(env, result_, result_.evaluation.recursion); }

 private:
  ModelArgument model_;
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

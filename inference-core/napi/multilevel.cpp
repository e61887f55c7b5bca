// SPDX-License-Identifier: Apache-2.0
#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/fit_conversions.hpp"
#include "napi/model_argument.hpp"

namespace tramontana::addon {
namespace {

class MultilevelComputation final : public Computation {
 public:
  MultilevelComputation(Napi::Env env, ModelArgument coarse, FitOptions options)
      : Computation(env), coarse_(std::move(coarse)), options_(std::move(options)) {}

 protected:
  void compute() override {
    const auto prepared = coarse_.prepared();
    options_.evaluation = over_world(options_.evaluation);
    start_ = tramontana::multilevel_start(*prepared, options_, &cancellation());
  }

  Napi::Value result(Napi::Env env) override {
    auto object = Napi::Object::New(env);
    object.Set("isUsed", start_.is_used);
    object.Set("reason", start_.reason);
    object.Set("coarseEvaluations", start_.coarse_evaluations);
    object.Set("coarseSeconds", start_.coarse_seconds);
    object.Set("initialTheta", numbers_to_js(env, start_.options.initial_theta));
    object.Set("initialTrustRadius", start_.options.initial_trust_radius);
    if (!start_.options.initial_curvature.empty()) {
      object.Set("initialCurvature", doubles_to_js(env, start_.options.initial_curvature));
    }
    return object;
  }

 private:
  ModelArgument coarse_;
  FitOptions options_;
  MultilevelStart start_;
};

}  // namespace

Napi::Value multilevel_start(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(
        std::make_shared<MultilevelComputation>(info.Env(), ModelArgument(info[0]), fit_options_from_js(info[1])));
  });
}

}  // namespace tramontana::addon

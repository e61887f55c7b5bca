// SPDX-License-Identifier: Apache-2.0
#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/model_argument.hpp"
#include "napi/model_conversions.hpp"

namespace tramontana::addon {
namespace {

class PredictComputation final : public Computation {
 public:
  PredictComputation(Napi::Env env, ModelArgument model, std::vector<double> theta,
                     std::vector<PredictionDesign> designs)
      : Computation(env), model_(std::move(model)), theta_(std::move(theta)), designs_(std::move(designs)) {}

 protected:
  void compute() override {
    const auto prepared = model_.prepared();
    moments_ = tramontana::predict(*prepared, theta_, designs_, over_world(), &cancellation());
  }

  Napi::Value result(Napi::Env env) override {
    auto array = Napi::Array::New(env, moments_.size());
    for (std::size_t i = 0; i < moments_.size(); ++i) {
      auto object = Napi::Object::New(env);
      object.Set("mean", doubles_to_js(env, moments_[i].mean));
      object.Set("variance", doubles_to_js(env, moments_[i].variance));
      array.Set(static_cast<std::uint32_t>(i), object);
    }
    return array;
  }

 private:
  ModelArgument model_;
  std::vector<double> theta_;
  std::vector<PredictionDesign> designs_;
  std::vector<PredictionMoments> moments_;
};

}  // namespace

Napi::Value predict(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start(std::make_shared<PredictComputation>(
        info.Env(), ModelArgument(info[0]), doubles_from_js(info[1], "theta"), designs_from_js(info[2], "designs")));
  });
}

}  // namespace tramontana::addon

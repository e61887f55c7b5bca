// SPDX-License-Identifier: Apache-2.0
#include "tramontana/sampling.hpp"

#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/model_argument.hpp"
#include "napi/posterior_conversions.hpp"

namespace tramontana::addon {
namespace {

class SampleComputation final : public Computation {
 public:
  SampleComputation(Napi::Env env, ModelArgument model, std::vector<SamplingPoint> points, SamplingOptions options)
      : Computation(env), model_(std::move(model)), points_(std::move(points)), options_(std::move(options)) {}

 protected:
  void compute() override {
    const auto prepared = model_.prepared();
    options_.evaluation = over_world(options_.evaluation);
    result_ = tramontana::sample_posterior(*prepared, points_, options_, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return samples_to_js(env, result_); }

 private:
  ModelArgument model_;
  std::vector<SamplingPoint> points_;
  SamplingOptions options_;
  PosteriorSamples result_;
};

}  // namespace

Napi::Value sample_posterior(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(std::make_shared<SampleComputation>(
        info.Env(), ModelArgument(info[0]), sampling_points_from_js(info[1]), sampling_options_from_js(info[2])));
  });
}

}  // namespace tramontana::addon

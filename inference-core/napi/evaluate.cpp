// SPDX-License-Identifier: Apache-2.0
#include "napi/computation.hpp"
#include "napi/evaluation_conversions.hpp"
#include "napi/exports.hpp"
#include "napi/model_argument.hpp"

namespace tramontana::addon {
namespace {

EvaluationOptions options_from_js(const Napi::Value& value) {
  const Options given(value, "request");
  EvaluationOptions options;
  given.read("gradient", options.gradient, boolean_from_js);
  given.read("latent", options.latent, boolean_from_js);
  given.read_choice<EvaluationOptions::Coordinates>(
      "coordinates", options.coordinates,
      {{"spectral", EvaluationOptions::Coordinates::spectral}, {"nodal", EvaluationOptions::Coordinates::nodal}});
  given.refuse_others();
  return options;
}

class EvaluateComputation final : public Computation {
 public:
  EvaluateComputation(Napi::Env env, ModelArgument model, std::vector<double> theta, EvaluationOptions options)
      : Computation(env), model_(std::move(model)), theta_(std::move(theta)), options_(options) {}

 protected:
  void compute() override {
    const auto prepared = model_.prepared();
    options_ = over_world(options_);
    evaluation_ = tramontana::evaluate(*prepared, theta_, options_, &cancellation());
  }

  Napi::Value result(Napi::Env env) override {
    auto object = evaluation_to_js(env, evaluation_, options_.gradient);
    if (options_.latent) {
      object.Set("latentMean", doubles_to_js(env, evaluation_.latent_mean));
      object.Set("marginalVariances", doubles_to_js(env, evaluation_.marginal_variances));
    }
    object.Set("logDeterminantPrior", evaluation_.log_determinant_prior);
    object.Set("logDeterminantPosterior", evaluation_.log_determinant_posterior);
    object.Set("recursion", evaluation_.recursion);
    return object;
  }

 private:
  ModelArgument model_;
  std::vector<double> theta_;
  EvaluationOptions options_;
  Evaluation evaluation_;
};

}  // namespace

Napi::Value evaluate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start(std::make_shared<EvaluateComputation>(
        info.Env(), ModelArgument(info[0]), doubles_from_js(info[1], "theta"), options_from_js(info[2])));
  });
}

}  // namespace tramontana::addon

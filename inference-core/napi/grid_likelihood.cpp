// SPDX-License-Identifier: Apache-2.0
#include "napi/evaluation_conversions.hpp"
#include "napi/exports.hpp"
#include "napi/grid_conversions.hpp"
#include "napi/search_computation.hpp"
#include "tramontana/grid_posterior.hpp"

namespace tramontana::addon {
namespace {

class EvaluateGridComputation final : public Computation {
 public:
  EvaluateGridComputation(Napi::Env env, GridModel model, std::vector<double> theta, bool with_gradient)
      : Computation(env), model_(std::move(model)), theta_(std::move(theta)), with_gradient_(with_gradient) {}

 protected:
  void compute() override {
    const auto prepared = prepare_grid(std::move(model_), host_backend());
    evaluation_ = tramontana::evaluate_grid(*prepared, theta_, with_gradient_, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return evaluation_to_js(env, evaluation_, with_gradient_); }

 private:
  GridModel model_;
  std::vector<double> theta_;
  bool with_gradient_;
  GridEvaluation evaluation_;
};

class FitGridComputation final : public SearchComputation {
 public:
  FitGridComputation(Napi::Env env, GridModel model, FitOptions options, std::optional<OptimizerState> resume_from,
                     const Napi::Value& on_iteration)
      : SearchComputation(env, std::move(options), std::move(resume_from), on_iteration),
        description_(description_of(model)),
        model_(std::move(model)) {}

 protected:
  void search(const FitOptions& options, const OptimizerState* resume_from, const OnIteration& on_iteration) override {
    result_ =
        tramontana::fit_grid(std::move(model_), host_backend(), options, resume_from, on_iteration, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return result_to_js(env, result_, description_); }

 private:
  std::string description_;
  GridModel model_;
  GridFitResult result_;
};

}  // namespace

Napi::Value evaluate_grid(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start(std::make_shared<EvaluateGridComputation>(
        info.Env(), grid_from_js(info[0]), doubles_from_js(info[1], "theta"), grid_gradient_from_js(info[2])));
  });
}

Napi::Value fit_grid(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(std::make_shared<FitGridComputation>(
        info.Env(), grid_from_js(info[0]), fit_options_from_js(info[1]), state_from_js(info[2]), info[3]));
  });
}

}  // namespace tramontana::addon

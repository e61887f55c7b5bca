// SPDX-License-Identifier: Apache-2.0
#include "tramontana/grid_posterior.hpp"
#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/grid_conversions.hpp"
#include "napi/posterior_conversions.hpp"

namespace tramontana::addon {
namespace {

class IntegrateGridComputation final : public Computation {
 public:
  IntegrateGridComputation(Napi::Env env, GridModel model, std::vector<double> mode, std::vector<double> covariance,
                           GridIntegrationOptions options, const Napi::Value& on_progress)
      : Computation(env),
        model_(std::move(model)),
        mode_(std::move(mode)),
        covariance_(std::move(covariance)),
        options_(std::move(options)) {
    set_optional_callback(on_progress, "onProgress");
    options_.on_progress = [this](int done, int total) { report_progress(done, total); };
  }

 protected:
  void compute() override {
    result_ =
        tramontana::integrate_grid(std::move(model_), host_backend(), mode_, covariance_, options_, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return integration_to_js(env, result_); }

 private:
  GridModel model_;
  std::vector<double> mode_;
  std::vector<double> covariance_;
  GridIntegrationOptions options_;
  IntegrationResult result_;
};

class MapGridComputation final : public Computation {
 public:
  MapGridComputation(Napi::Env env, GridModel model, std::vector<SamplingPoint> points,
                     std::vector<GridPredictionDesign> designs, const Napi::Value& on_progress)
      : Computation(env), model_(std::move(model)), points_(std::move(points)), designs_(std::move(designs)) {
    set_optional_callback(on_progress, "onProgress");
  }

 protected:
  void compute() override {
    moments_ = tramontana::map_grid(
        std::move(model_), host_backend(), points_, designs_,
        [this](int done, int total) { report_progress(done, total); }, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return mixtures_to_js(env, moments_); }

 private:
  GridModel model_;
  std::vector<SamplingPoint> points_;
  std::vector<GridPredictionDesign> designs_;
  std::vector<MixtureMoments> moments_;
};

class SummariseSamplesComputation final : public Computation {
 public:
  SummariseSamplesComputation(Napi::Env env, GridModel model, std::vector<SamplingPoint> points,
                              GridSampleRequest request, const Napi::Value& on_progress)
      : Computation(env), model_(std::move(model)), points_(std::move(points)), request_(std::move(request)) {
    set_optional_callback(on_progress, "onProgress");
    request_.on_progress = [this](int done, int total) { report_progress(done, total); };
  }

 protected:
  void compute() override {
    summary_ = tramontana::summarise_samples(std::move(model_), host_backend(), points_, request_, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return grid_sample_summary_to_js(env, summary_); }

 private:
  GridModel model_;
  std::vector<SamplingPoint> points_;
  GridSampleRequest request_;
  GridSampleSummary summary_;
};

}  // namespace

Napi::Value summarise_grid_samples(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(std::make_shared<SummariseSamplesComputation>(
        info.Env(), grid_from_js(info[0]), sampling_points_from_js(info[1]), grid_sample_request_from_js(info[2]),
        info[3]));
  });
}

Napi::Value integrate_grid(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(std::make_shared<IntegrateGridComputation>(
        info.Env(), grid_from_js(info[0]), doubles_from_js(info[1], "mode"),
        doubles_from_js(info[2], "thetaCovariance"), grid_integration_options_from_js(info[3]), info[4]));
  });
}

Napi::Value map_grid(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(
        std::make_shared<MapGridComputation>(info.Env(), grid_from_js(info[0]), sampling_points_from_js(info[1]),
                                             grid_designs_from_js(info[2], "designs"), info[3]));
  });
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/integration.hpp"

#include <utility>

#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/model_argument.hpp"
#include "napi/posterior_conversions.hpp"

namespace tramontana::addon {
namespace {

class IntegrateComputation final : public Computation {
 public:
  IntegrateComputation(Napi::Env env, ModelArgument model, std::vector<double> mode, std::vector<double> covariance,
                       IntegrationOptions options, const Napi::Value& on_progress)
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
    const auto prepared = model_.prepared();
    options_.evaluation = over_world(options_.evaluation);
    result_ = tramontana::integrate(*prepared, mode_, covariance_, options_, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return integration_to_js(env, result_); }

 private:
  ModelArgument model_;
  std::vector<double> mode_;
  std::vector<double> covariance_;
  IntegrationOptions options_;
  IntegrationResult result_;
};

}  // namespace

Napi::Value integrate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(std::make_shared<IntegrateComputation>(
        info.Env(), ModelArgument(info[0]), doubles_from_js(info[1], "mode"),
        doubles_from_js(info[2], "thetaCovariance"), integration_options_from_js(info[3]), info[4]));
  });
}

}  // namespace tramontana::addon

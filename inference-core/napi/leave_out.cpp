// SPDX-License-Identifier: Apache-2.0
#include "tramontana/leave_out.hpp"

#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/grid_conversions.hpp"
#include "napi/model_argument.hpp"
#include "napi/posterior_conversions.hpp"

namespace tramontana::addon {
namespace {

class LeaveOutComputation final : public Computation {
 public:
  LeaveOutComputation(Napi::Env env, ModelArgument model, std::vector<double> theta,
                      std::vector<std::vector<std::int32_t>> folds)
      : Computation(env), model_(std::move(model)), theta_(std::move(theta)), folds_(std::move(folds)) {}

 protected:
  void compute() override {
    const auto prepared = model_.prepared();
    result_ = tramontana::leave_groups_out(*prepared, theta_, folds_, over_world(), &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return leave_out_to_js(env, result_); }

 private:
  ModelArgument model_;
  std::vector<double> theta_;
  std::vector<std::vector<std::int32_t>> folds_;
  LeaveOutResult result_;
};

class LeaveGridOutComputation final : public Computation {
 public:
  LeaveGridOutComputation(Napi::Env env, GridModel model, std::vector<double> theta,
                          std::vector<std::vector<std::int32_t>> folds)
      : Computation(env), model_(std::move(model)), theta_(std::move(theta)), folds_(std::move(folds)) {}

 protected:
  void compute() override {
    const auto prepared = prepare_grid(std::move(model_), host_backend());
    result_ = tramontana::leave_grid_groups_out(*prepared, theta_, folds_, &cancellation());
  }

  Napi::Value result(Napi::Env env) override { return leave_out_to_js(env, result_); }

 private:
  GridModel model_;
  std::vector<double> theta_;
  std::vector<std::vector<std::int32_t>> folds_;
  LeaveOutResult result_;
};

}  // namespace

Napi::Value leave_grid_groups_out(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(std::make_shared<LeaveGridOutComputation>(
        info.Env(), grid_from_js(info[0]), doubles_from_js(info[1], "theta"), folds_from_js(info[2])));
  });
}

Napi::Value leave_groups_out(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start_interruptible(std::make_shared<LeaveOutComputation>(
        info.Env(), ModelArgument(info[0]), doubles_from_js(info[1], "theta"), folds_from_js(info[2])));
  });
}

}  // namespace tramontana::addon

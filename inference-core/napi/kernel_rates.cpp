// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "kernels/kernel_rates.hpp"
#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "tramontana/engine.hpp"

namespace tramontana::addon {
namespace {

/** Beyond it the rates no longer change, and the measurement would take seconds. */
constexpr int largest_order = 4096;

class KernelRatesComputation final : public Computation {
 public:
  KernelRatesComputation(Napi::Env env, int order) : Computation(env), order_(order) {
    if (order < 1 || order > largest_order) {
      throw InvalidModel("order must be from 1 to " + std::to_string(largest_order) + ", found " +
                         std::to_string(order) + ".");
    }
  }

 protected:
  void compute() override { rates_ = measure_kernel_rates(host_backend(), static_cast<std::size_t>(order_)); }

  Napi::Value result(Napi::Env env) override {
    auto object = Napi::Object::New(env);
    object.Set("multiply", rates_.multiply);
    object.Set("inversion", rates_.inversion);
    return object;
  }

 private:
  int order_;
  KernelRates rates_;
};

}  // namespace

Napi::Value kernel_rates(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start(std::make_shared<KernelRatesComputation>(info.Env(), integer_from_js(info[0], "order")));
  });
}

}  // namespace tramontana::addon

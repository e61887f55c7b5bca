// SPDX-License-Identifier: Apache-2.0
#include "napi/computations.hpp"
#include "napi/conversions.hpp"
#include "napi/exports.hpp"
#include "napi/model_fields.hpp"
#include "tramontana/engine.hpp"

namespace tramontana::addon {
namespace {

Napi::Value version(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), engine_version()); }

Napi::Value set_num_threads(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { tramontana::set_num_threads(integer_from_js(info[0], "numThreads")); });
  return info.Env().Undefined();
}

/** All tables of fields, for the test that compares them with those of TypeScript. */
Napi::Value model_fields(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value { return model_fields_to_js(info.Env()); });
}

/** Names of the components of theta, of a model without its data. */
Napi::Value theta_names(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto names = tramontana::theta_names(model_outline_fields().read(info[0], "model"));
    auto array = Napi::Array::New(info.Env());
    for (const auto& name : names) array.Set(array.Length(), Napi::String::New(info.Env(), name));
    return array;
  });
}

Napi::Object initialize(Napi::Env env, Napi::Object exports) {
  guarded(env, [&] { Computations::attach(env); });
  exports.Set("version", Napi::Function::New(env, version));
  exports.Set("set_num_threads", Napi::Function::New(env, set_num_threads));
  exports.Set("model_fields", Napi::Function::New(env, model_fields));
  exports.Set("theta_names", Napi::Function::New(env, theta_names));
  exports.Set("kernel_rates", Napi::Function::New(env, kernel_rates));
  exports.Set("spectral_basis", Napi::Function::New(env, spectral_basis));
  exports.Set("evaluate", Napi::Function::New(env, evaluate));
  exports.Set("fit", Napi::Function::New(env, fit));
  exports.Set("multilevel_start", Napi::Function::New(env, multilevel_start));
  exports.Set("prepare", Napi::Function::New(env, prepare));
  exports.Set("summarise_response", Napi::Function::New(env, summarise_response));
  exports.Set("predict", Napi::Function::New(env, predict));
  exports.Set("integrate", Napi::Function::New(env, integrate));
  exports.Set("sample_posterior", Napi::Function::New(env, sample_posterior));
  exports.Set("leave_groups_out", Napi::Function::New(env, leave_groups_out));
  exports.Set("join_ranks", Napi::Function::New(env, join_ranks));
  exports.Set("set_rank_groups", Napi::Function::New(env, set_rank_groups));
  exports.Set("leave_ranks", Napi::Function::New(env, leave_ranks));
  exports.Set("gather_texts", Napi::Function::New(env, gather_texts));
  exports.Set("evaluate_grid", Napi::Function::New(env, evaluate_grid));
  exports.Set("fit_grid", Napi::Function::New(env, fit_grid));
  exports.Set("integrate_grid", Napi::Function::New(env, integrate_grid));
  exports.Set("map_grid", Napi::Function::New(env, map_grid));
  exports.Set("leave_grid_groups_out", Napi::Function::New(env, leave_grid_groups_out));
  exports.Set("summarise_grid_samples", Napi::Function::New(env, summarise_grid_samples));
  return exports;
}

}  // namespace

NODE_API_MODULE(tramontana_engine, initialize)

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/response.hpp"

#include "napi/conversions.hpp"
#include "napi/exports.hpp"

namespace tramontana::addon {
namespace {

InverseLink link_from_js(const Napi::Value& value) {
  return choice_from_js<InverseLink>(value, "link",
                                     {{"identity", InverseLink::identity},
                                      {"exp", InverseLink::exp},
                                      {"square", InverseLink::square},
                                      {"logistic", InverseLink::logistic}});
}

}  // namespace

Napi::Value summarise_response(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto env = info.Env();
    const auto summary =
        tramontana::summarise_response(link_from_js(info[0]), doubles_from_js(info[1], "mean"),
                                       doubles_from_js(info[2], "variance"), doubles_from_js(info[3], "probabilities"));
    auto object = Napi::Object::New(env);
    object.Set("mean", doubles_to_js(env, summary.mean));
    object.Set("sd", doubles_to_js(env, summary.sd));
    object.Set("quantiles", doubles_to_js(env, summary.quantiles));
    return object;
  });
}

}  // namespace tramontana::addon

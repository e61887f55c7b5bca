// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <optional>
#include <string>

#include "napi/evaluation_conversions.hpp"
#include "tramontana/fit.hpp"

namespace tramontana::addon {

[[nodiscard]] FitOptions fit_options_from_js(const Napi::Value& value);
/** Nothing for null or undefined. */
[[nodiscard]] std::optional<OptimizerState> state_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object state_to_js(Napi::Env env, const OptimizerState& state);
[[nodiscard]] Napi::Object search_to_js(Napi::Env env, const SearchResult& result);

/** A fit by either solver; `recursion` is how its evaluations ran, in one line. */
template <class Result>
[[nodiscard]] Napi::Object result_to_js(Napi::Env env, const Result& result, const std::string& recursion) {
  auto object = search_to_js(env, result);
  set_effects(object, result.evaluation);
  object.Set("recursion", recursion);
  return object;
}

}  // namespace tramontana::addon

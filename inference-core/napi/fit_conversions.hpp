// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <optional>

#include "tramontana/fit.hpp"

namespace tramontana::addon {

[[nodiscard]] FitOptions fit_options_from_js(const Napi::Value& value);
/** Nothing for null or undefined. */
[[nodiscard]] std::optional<OptimizerState> state_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object state_to_js(Napi::Env env, const OptimizerState& state);
[[nodiscard]] Napi::Object result_to_js(Napi::Env env, const FitResult& result);

}  // namespace tramontana::addon

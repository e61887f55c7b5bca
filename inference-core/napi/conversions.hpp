// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <span>
#include <string>
#include <vector>

#include "tramontana/engine.hpp"
#include "tramontana/errors.hpp"

namespace tramontana::addon {

/** Copies of JavaScript values; `path` names the value in the message of the InvalidModel that is thrown otherwise. */
[[nodiscard]] Napi::Object object_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] double number_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] std::int32_t integer_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] bool boolean_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] std::string text_from_js(const Napi::Value& value, const std::string& path);
/** A Float64Array, or an array of numbers. */
[[nodiscard]] std::vector<double> doubles_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] std::vector<std::int32_t> integers_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] CsrMatrix csr_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] EngineModel model_from_js(const Napi::Value& value);
[[nodiscard]] std::vector<PredictionDesign> designs_from_js(const Napi::Value& value);

[[nodiscard]] Napi::Float64Array doubles_to_js(Napi::Env env, std::span<const double> values);
[[nodiscard]] Napi::Array numbers_to_js(Napi::Env env, std::span<const double> values);

/** A JavaScript error with `.tag` and `.facts`. */
[[nodiscard]] Napi::Error error_to_js(Napi::Env env, const Error& error);

/** Runs a synchronous call; engine errors become JavaScript errors. */
template <class Call>
auto guarded(Napi::Env env, const Call& call) {
  try {
    return call();
  } catch (const Error& error) {
    throw error_to_js(env, error);
  }
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "tramontana/engine.hpp"

namespace tramontana::addon {

/** Copies of a model and of predictions; InvalidModel names what is not as model_fields.hpp has it. */
[[nodiscard]] EngineModel model_from_js(const Napi::Value& value);
[[nodiscard]] std::vector<PredictionDesign> designs_from_js(const Napi::Value& value, const std::string& path);

}  // namespace tramontana::addon

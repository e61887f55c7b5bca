// SPDX-License-Identifier: Apache-2.0
#include "napi/model_conversions.hpp"

#include "napi/model_fields.hpp"

namespace tramontana::addon {

EngineModel model_from_js(const Napi::Value& value) { return engine_model_fields().read(value, ""); }

std::vector<PredictionDesign> designs_from_js(const Napi::Value& value, const std::string& path) {
  return list_from_js(value, path, prediction_design_fields());
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "tramontana/grid_posterior.hpp"

namespace tramontana::addon {

/** Copies of a grid and of predictions; InvalidModel names what is not as model_fields.hpp has it. */
[[nodiscard]] GridModel grid_from_js(const Napi::Value& value);
[[nodiscard]] std::vector<GridPredictionDesign> grid_designs_from_js(const Napi::Value& value, const std::string& path);
/** Whether an evaluation is to have its gradient; defaults for undefined or null. */
[[nodiscard]] bool grid_gradient_from_js(const Napi::Value& value);
/** Defaults for undefined or null. */
[[nodiscard]] GridIntegrationOptions grid_integration_options_from_js(const Napi::Value& value);
[[nodiscard]] GridSampleRequest grid_sample_request_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object grid_sample_summary_to_js(Napi::Env env, const GridSampleSummary& summary);
/** What an evaluation works on, in one line. */
[[nodiscard]] std::string description_of(const GridModel& model);

}  // namespace tramontana::addon

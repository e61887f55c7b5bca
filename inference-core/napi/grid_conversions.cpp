// SPDX-License-Identifier: Apache-2.0
#include "napi/grid_conversions.hpp"

#include "napi/conversions.hpp"
#include "napi/model_fields.hpp"

namespace tramontana::addon {

GridModel grid_from_js(const Napi::Value& value) { return grid_model_fields().read(value, ""); }

std::vector<GridPredictionDesign> grid_designs_from_js(const Napi::Value& value, const std::string& path) {
  return list_from_js(value, path, grid_prediction_design_fields());
}

bool grid_gradient_from_js(const Napi::Value& value) {
  const Options given(value, "request");
  bool gradient = false;
  given.read("gradient", gradient, boolean_from_js);
  given.refuse_others();
  return gradient;
}

GridIntegrationOptions grid_integration_options_from_js(const Napi::Value& value) {
  const Options given(value, "options");
  GridIntegrationOptions options;
  given.read("mostEvaluations", options.most_evaluations, number_from_js);
  given.read("criteria", options.criteria, boolean_from_js);
  given.read("predictions", options.predictions, grid_designs_from_js);
  given.refuse_others();
  return options;
}

GridSampleRequest grid_sample_request_from_js(const Napi::Value& value) {
  const Fields object(value, "request");
  GridSampleRequest request;
  request.designs = grid_designs_from_js(object.Get("designs"), "request.designs");
  const Napi::Value errors = object.Get("stepErrorSds");
  if (!is_absent(errors)) {
    for_each_element(errors, "request.stepErrorSds", [&](const Napi::Value& sds, const std::string& path) {
      request.step_error_sds.push_back(doubles_from_js(sds, path));
    });
  }
  const Napi::Value runs = object.Get("runs");
  if (!is_absent(runs)) {
    for_each_element(runs, "request.runs", [&](const Napi::Value& element, const std::string& path) {
      const Fields run(element, path);
      request.runs.push_back({static_cast<std::size_t>(count_from_js(run.Get("design"), path + ".design")),
                              number_from_js(run.Get("threshold"), path + ".threshold"),
                              static_cast<std::size_t>(count_from_js(run.Get("steps"), path + ".steps"))});
      run.refuse_others();
    });
  }
  const Napi::Value areas = object.Get("areas");
  if (!is_absent(areas)) {
    for_each_element(areas, "request.areas", [&](const Napi::Value& element, const std::string& path) {
      const Fields area(element, path);
      request.areas.push_back({static_cast<std::size_t>(count_from_js(area.Get("design"), path + ".design")),
                               integers_from_js(area.Get("rowPointers"), path + ".rowPointers"),
                               integers_from_js(area.Get("cells"), path + ".cells"),
                               doubles_from_js(area.Get("weights"), path + ".weights")});
      area.refuse_others();
    });
  }
  const Napi::Value samples = object.Get("numSamples");
  if (!is_absent(samples)) {
    request.num_samples = static_cast<std::size_t>(count_from_js(samples, "request.numSamples"));
  }
  const Napi::Value seed = object.Get("seed");
  if (!is_absent(seed)) request.seed = count_from_js(seed, "request.seed");
  object.refuse_others();
  return request;
}

Napi::Object grid_sample_summary_to_js(Napi::Env env, const GridSampleSummary& summary) {
  const auto arrays = [&](const std::vector<std::vector<double>>& values) {
    auto array = Napi::Array::New(env, values.size());
    for (std::uint32_t i = 0; i < values.size(); ++i) array.Set(i, doubles_to_js(env, values[i]));
    return array;
  };
  auto object = Napi::Object::New(env);
  object.Set("runs", arrays(summary.runs));
  object.Set("areas", arrays(summary.areas));
  return object;
}

std::string description_of(const GridModel& model) {
  std::size_t rows = 0;
  for (const auto& group : model.groups) rows += group.time_index.size();
  return "grid of " + std::to_string(model.grid.num_rows) + " x " + std::to_string(model.grid.num_columns) +
         " cells, " + std::to_string(rows) + (rows == 1 ? " row" : " rows") + " an index";
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "napi/grid_conversions.hpp"

#include "napi/conversions.hpp"
#include "napi/model_conversions.hpp"

namespace tramontana::addon {
namespace {

RegularGrid cells_from_js(const Napi::Value& value, const std::string& path) {
  const Fields object(value, path);
  RegularGrid grid;
  grid.num_rows = integer_from_js(object.Get("numRows"), path + ".numRows");
  grid.num_columns = integer_from_js(object.Get("numColumns"), path + ".numColumns");
  grid.cell_height = number_from_js(object.Get("cellHeight"), path + ".cellHeight");
  grid.cell_width = number_from_js(object.Get("cellWidth"), path + ".cellWidth");
  object.refuse_others();
  return grid;
}

GridGroup group_from_js(const Napi::Value& value, const std::string& path) {
  const Fields object(value, path);
  GridGroup group;
  group.process = integer_from_js(object.Get("process"), path + ".process");
  group.time_index = integers_from_js(object.Get("timeIndex"), path + ".timeIndex");
  group.y = doubles_from_js(object.Get("y"), path + ".y");
  group.covariates = doubles_from_js(object.Get("covariates"), path + ".covariates");
  group.num_covariates = integer_from_js(object.Get("numCovariates"), path + ".numCovariates");
  const Napi::Value weights = object.Get("weights");
  if (!is_absent(weights)) group.weights = one_each_from_js(weights, path + ".weights", group.time_index.size());
  object.refuse_others();
  return group;
}

GridIntervals intervals_from_js(const Napi::Value& value, const std::string& path) {
  const Fields object(value, path);
  GridIntervals intervals{doubles_from_js(object.Get("centres"), path + ".centres"),
                          number_from_js(object.Get("width"), path + ".width")};
  object.refuse_others();
  return intervals;
}

}  // namespace

GridModel grid_from_js(const Napi::Value& value) {
  const Fields object(value, "");
  GridModel model;
  model.kind = choice_from_js<ModelKind>(object.Get("kind"), "kind",
                                         {{"exact-diffusion", ModelKind::exact_diffusion},
                                          {"separable", ModelKind::separable},
                                          {"spatial", ModelKind::spatial}});
  model.grid = cells_from_js(object.Get("grid"), "grid");
  model.num_time_steps = integer_from_js(object.Get("numTimeSteps"), "numTimeSteps");
  for_each_element(object.Get("groups"), "groups", [&](const Napi::Value& group, const std::string& path) {
    model.groups.push_back(group_from_js(group, path));
  });
  model.fixed_effects_prior_precision =
      number_from_js(object.Get("fixedEffectsPriorPrecision"), "fixedEffectsPriorPrecision");
  model.priors = priors_from_js(object.Get("priors"), "priors");
  object.refuse_others();
  return model;
}

std::vector<GridPredictionDesign> grid_designs_from_js(const Napi::Value& value, const std::string& path) {
  std::vector<GridPredictionDesign> designs;
  for_each_element(value, path, [&](const Napi::Value& element, const std::string& own) {
    const Fields object(element, own);
    GridPredictionDesign design;
    design.process = integer_from_js(object.Get("process"), own + ".process");
    design.time_indices = integers_from_js(object.Get("timeIndices"), own + ".timeIndices");
    design.rows = intervals_from_js(object.Get("rows"), own + ".rows");
    design.columns = intervals_from_js(object.Get("columns"), own + ".columns");
    design.covariates = doubles_from_js(object.Get("covariates"), own + ".covariates");
    const Napi::Value modes = object.Get("modesPerCell");
    if (!is_absent(modes)) design.modes_per_cell = integer_from_js(modes, own + ".modesPerCell");
    object.refuse_others();
    designs.push_back(std::move(design));
  });
  return designs;
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

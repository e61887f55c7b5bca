// SPDX-License-Identifier: Apache-2.0
#include "napi/fit_conversions.hpp"

#include "napi/conversions.hpp"

namespace tramontana::addon {
namespace {

constexpr int state_version = 2;

const char* phase_name(FitPhase phase) {
  switch (phase) {
    case FitPhase::search:
      return "search";
    case FitPhase::hessian:
      return "hessian";
    case FitPhase::done:
      break;
  }
  return "done";
}

Napi::Object record_to_js(Napi::Env env, const IterationRecord& record) {
  auto object = Napi::Object::New(env);
  object.Set("iteration", record.iteration);
  object.Set("accepted", record.accepted);
  object.Set("objective", record.objective);
  object.Set("gradientNorm", record.gradient_norm);
  object.Set("trustRadius", record.trust_radius);
  object.Set("evaluations", record.evaluations);
  object.Set("theta", numbers_to_js(env, record.theta));
  return object;
}

IterationRecord record_from_js(const Napi::Value& value, const std::string& path) {
  const Fields object(value, path);
  IterationRecord record;
  record.iteration = integer_from_js(object.Get("iteration"), path + ".iteration");
  record.accepted = boolean_from_js(object.Get("accepted"), path + ".accepted");
  record.objective = number_from_js(object.Get("objective"), path + ".objective");
  record.gradient_norm = number_from_js(object.Get("gradientNorm"), path + ".gradientNorm");
  record.trust_radius = number_from_js(object.Get("trustRadius"), path + ".trustRadius");
  record.evaluations = integer_from_js(object.Get("evaluations"), path + ".evaluations");
  record.theta = doubles_from_js(object.Get("theta"), path + ".theta");
  object.refuse_others();
  return record;
}

Napi::Array trace_to_js(Napi::Env env, const std::vector<IterationRecord>& trace) {
  auto array = Napi::Array::New(env, trace.size());
  for (std::size_t i = 0; i < trace.size(); ++i) {
    array.Set(static_cast<std::uint32_t>(i), record_to_js(env, trace[i]));
  }
  return array;
}

Napi::Array optima_to_js(Napi::Env env, const std::vector<FoundOptimum>& optima) {
  auto array = Napi::Array::New(env, optima.size());
  for (std::size_t i = 0; i < optima.size(); ++i) {
    auto object = Napi::Object::New(env);
    object.Set("theta", numbers_to_js(env, optima[i].theta));
    object.Set("objective", optima[i].objective);
    object.Set("converged", optima[i].converged);
    object.Set("count", optima[i].count);
    array.Set(static_cast<std::uint32_t>(i), object);
  }
  return array;
}

FoundOptimum optimum_from_js(const Napi::Value& value, const std::string& path) {
  const Fields object(value, path);
  FoundOptimum optimum{doubles_from_js(object.Get("theta"), path + ".theta"),
                       number_from_js(object.Get("objective"), path + ".objective"),
                       boolean_from_js(object.Get("converged"), path + ".converged"),
                       integer_from_js(object.Get("count"), path + ".count")};
  object.refuse_others();
  return optimum;
}

}  // namespace

FitOptions fit_options_from_js(const Napi::Value& value) {
  if (is_absent(value)) refuse_value("options", "an object", value);
  const Options given(value, "options");
  FitOptions options;
  options.initial_theta = doubles_from_js(given.Get("initialTheta"), "options.initialTheta");
  given.read("gradientTolerance", options.gradient_tolerance, number_from_js);
  given.read("maximumIterations", options.maximum_iterations, integer_from_js);
  given.read("computeHessian", options.compute_hessian, boolean_from_js);
  given.read_choice<HessianDifferences>("hessianDifferences", options.hessian_differences,
                                        {{"automatic", HessianDifferences::automatic},
                                         {"exact", HessianDifferences::exact},
                                         {"forward", HessianDifferences::forward},
                                         {"corrected", HessianDifferences::corrected},
                                         {"central", HessianDifferences::central},
                                         {"fourth", HessianDifferences::fourth}});
  given.read("initialTrustRadius", options.initial_trust_radius, number_from_js);
  given.read("initialCurvature", options.initial_curvature, doubles_from_js);
  given.read("lowerBounds", options.lower_bounds, doubles_from_js);
  given.read("upperBounds", options.upper_bounds, doubles_from_js);
  given.read("numRestarts", options.num_restarts, integer_from_js);
  given.read("restartSpread", options.restart_spread, number_from_js);
  given.refuse_others();
  return options;
}

std::optional<OptimizerState> state_from_js(const Napi::Value& value) {
  if (is_absent(value)) return std::nullopt;
  const Fields object(value, "state");
  const auto version = integer_from_js(object.Get("version"), "state.version");
  if (version != state_version) {
    throw InvalidModel("state.version must be " + std::to_string(state_version) + ", found " + std::to_string(version) +
                       ".");
  }
  OptimizerState state;
  state.phase = choice_from_js<FitPhase>(
      object.Get("phase"), "state.phase",
      {{"search", FitPhase::search}, {"hessian", FitPhase::hessian}, {"done", FitPhase::done}});
  state.iteration = integer_from_js(object.Get("iteration"), "state.iteration");
  state.evaluations = integer_from_js(object.Get("evaluations"), "state.evaluations");
  state.theta = doubles_from_js(object.Get("theta"), "state.theta");
  state.objective = number_from_js(object.Get("objective"), "state.objective");
  state.gradient = doubles_from_js(object.Get("gradient"), "state.gradient");
  state.curvature = doubles_from_js(object.Get("curvature"), "state.curvature");
  state.observed_curvature = doubles_from_js(object.Get("observedCurvature"), "state.observedCurvature");
  state.curvature_correction = doubles_from_js(object.Get("curvatureCorrection"), "state.curvatureCorrection");
  state.trust_radius = number_from_js(object.Get("trustRadius"), "state.trustRadius");
  state.search = integer_from_js(object.Get("search"), "state.search");
  state.search_start = integer_from_js(object.Get("searchStart"), "state.searchStart");
  state.saddles_left = integer_from_js(object.Get("saddlesLeft"), "state.saddlesLeft");
  state.at_rounding = boolean_from_js(object.Get("atRounding"), "state.atRounding");
  for_each_element(object.Get("optima"), "state.optima", [&](const Napi::Value& optimum, const std::string& path) {
    state.optima.push_back(optimum_from_js(optimum, path));
  });
  for_each_element(object.Get("hessianColumns"), "state.hessianColumns",
                   [&](const Napi::Value& column, const std::string& path) {
                     state.hessian_columns.push_back(doubles_from_js(column, path));
                   });
  state.stop_reason = text_from_js(object.Get("stopReason"), "state.stopReason");
  state.converged = boolean_from_js(object.Get("converged"), "state.converged");
  for_each_element(object.Get("trace"), "state.trace", [&](const Napi::Value& record, const std::string& path) {
    state.trace.push_back(record_from_js(record, path));
  });
  object.refuse_others();
  return state;
}

Napi::Object state_to_js(Napi::Env env, const OptimizerState& state) {
  auto object = Napi::Object::New(env);
  object.Set("version", state_version);
  object.Set("phase", phase_name(state.phase));
  object.Set("iteration", state.iteration);
  object.Set("evaluations", state.evaluations);
  object.Set("theta", numbers_to_js(env, state.theta));
  object.Set("objective", state.objective);
  object.Set("gradient", numbers_to_js(env, state.gradient));
  object.Set("curvature", numbers_to_js(env, state.curvature));
  object.Set("observedCurvature", numbers_to_js(env, state.observed_curvature));
  object.Set("curvatureCorrection", numbers_to_js(env, state.curvature_correction));
  object.Set("trustRadius", state.trust_radius);
  object.Set("search", state.search);
  object.Set("searchStart", state.search_start);
  object.Set("saddlesLeft", state.saddles_left);
  object.Set("atRounding", state.at_rounding);
  object.Set("optima", optima_to_js(env, state.optima));
  auto columns = Napi::Array::New(env, state.hessian_columns.size());
  for (std::size_t i = 0; i < state.hessian_columns.size(); ++i) {
    columns.Set(static_cast<std::uint32_t>(i), numbers_to_js(env, state.hessian_columns[i]));
  }
  object.Set("hessianColumns", columns);
  object.Set("stopReason", state.stop_reason);
  object.Set("converged", state.converged);
  object.Set("trace", trace_to_js(env, state.trace));
  return object;
}

Napi::Object search_to_js(Napi::Env env, const SearchResult& result) {
  auto object = Napi::Object::New(env);
  object.Set("theta", doubles_to_js(env, result.state.theta));
  object.Set("objective", result.state.objective);
  object.Set("gradient", doubles_to_js(env, result.state.gradient));
  object.Set("gradientNorm", result.gradient_norm);
  object.Set("converged", result.state.converged);
  object.Set("stopReason", result.state.stop_reason);
  object.Set("iterations", result.state.iteration);
  object.Set("evaluations", result.state.evaluations);
  auto bounds = Napi::Array::New(env, result.active_bounds.size());
  for (std::size_t i = 0; i < result.active_bounds.size(); ++i) {
    bounds.Set(static_cast<std::uint32_t>(i), Napi::String::New(env, result.active_bounds[i]));
  }
  object.Set("activeBounds", bounds);
  object.Set("otherOptima", optima_to_js(env, result.other_optima));
  if (!result.hessian.empty()) {
    object.Set("hessian", doubles_to_js(env, result.hessian));
    object.Set("thetaCovariance", doubles_to_js(env, result.theta_covariance));
  }
  object.Set("trace", trace_to_js(env, result.state.trace));
  object.Set("seconds", result.seconds);
  return object;
}

}  // namespace tramontana::addon

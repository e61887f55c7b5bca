// SPDX-License-Identifier: Apache-2.0
#include "napi/conversions.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace tramontana::addon {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& expectation, const Napi::Value& found) {
  const auto type = found.IsUndefined() ? "undefined" : found.IsNull() ? "null" : "a value of another type";
  throw InvalidModel(path + " must be " + expectation + ", found " + type + ".", {{"field", path}});
}

bool is_absent(const Napi::Value& value) { return value.IsUndefined() || value.IsNull(); }

template <class Array>
auto copied(const Napi::Value& value) {
  const auto array = value.As<Array>();
  return std::vector(array.Data(), array.Data() + array.ElementLength());
}

ThetaPrior prior_from_js(const Napi::Value& value, const std::string& path) {
  const auto object = object_from_js(value, path);
  const auto type = text_from_js(object.Get("type"), path + ".type");
  ThetaPrior prior;
  if (type == "gaussian") {
    prior.mean = number_from_js(object.Get("mean"), path + ".mean");
    prior.precision = number_from_js(object.Get("precision"), path + ".precision");
    return prior;
  }
  if (type == "fixed") {
    prior.kind = ThetaPrior::Kind::fixed;
    prior.mean = number_from_js(object.Get("value"), path + ".value");
    return prior;
  }
  if (type == "log-gamma") {
    prior.kind = ThetaPrior::Kind::log_gamma;
    prior.shape = number_from_js(object.Get("shape"), path + ".shape");
    prior.rate = number_from_js(object.Get("rate"), path + ".rate");
    return prior;
  }
  if (type != "penalized-complexity") {
    throw InvalidModel(path + ".type must be 'gaussian', 'penalized-complexity', 'log-gamma' or 'fixed', found '" +
                       type + "'.");
  }
  const std::pair<const char*, ThetaPrior::Kind> kinds[] = {
      {"spatial-range", ThetaPrior::Kind::spatial_range},
      {"temporal-range", ThetaPrior::Kind::temporal_range},
      {"sigma", ThetaPrior::Kind::sigma},
      {"noise-sd", ThetaPrior::Kind::noise_sd},
      {"noise-precision-compat", ThetaPrior::Kind::noise_precision_compat},
  };
  const auto kind = text_from_js(object.Get("kind"), path + ".kind");
  for (const auto& [name, known] : kinds) {
    if (kind == name) {
      prior.kind = known;
      prior.lambda = number_from_js(object.Get("lambda"), path + ".lambda");
      return prior;
    }
  }
  throw InvalidModel(path + ".kind must be a known penalised-complexity prior, found '" + kind + "'.");
}

template <class Choice>
Choice choice_from_js(const Napi::Value& value, const std::string& path, Choice absent,
                      std::initializer_list<std::pair<const char*, Choice>> choices) {
  if (is_absent(value)) return absent;
  const auto text = text_from_js(value, path);
  std::string expected;
  for (const auto& [name, choice] : choices) {
    if (text == name) return choice;
    expected += expected.empty() ? name : std::string(", ") + name;
  }
  throw InvalidModel(path + " must be one of " + expected + ", found " + text + ".", {{"field", path}});
}

ObservationGroup group_from_js(const Napi::Value& value, const std::string& path, std::int32_t index) {
  const auto object = object_from_js(value, path);
  ObservationGroup group;
  const Napi::Value process = object.Get("process");
  group.process = is_absent(process) ? index : integer_from_js(process, path + ".process");
  group.likelihood = choice_from_js(object.Get("likelihood"), path + ".likelihood", Likelihood::gaussian,
                                    {{"gaussian", Likelihood::gaussian},
                                     {"poisson", Likelihood::poisson},
                                     {"binomial", Likelihood::binomial},
                                     {"gamma", Likelihood::gamma},
                                     {"student-t", Likelihood::student_t}});
  group.transform = choice_from_js(object.Get("transform"), path + ".transform", ResponseTransform::identity,
                                   {{"identity", ResponseTransform::identity},
                                    {"log", ResponseTransform::log},
                                    {"square-root", ResponseTransform::square_root}});
  group.y = doubles_from_js(object.Get("y"), path + ".y");
  group.time_index = integers_from_js(object.Get("timeIndex"), path + ".timeIndex");
  group.projector = csr_from_js(object.Get("projector"), path + ".projector");
  group.covariates = doubles_from_js(object.Get("covariates"), path + ".covariates");
  group.num_covariates = integer_from_js(object.Get("numCovariates"), path + ".numCovariates");
  const Napi::Value weights = object.Get("weights");
  if (!is_absent(weights)) group.weights = doubles_from_js(weights, path + ".weights");
  const Napi::Value exposure = object.Get("exposure");
  if (!is_absent(exposure)) group.exposure = doubles_from_js(exposure, path + ".exposure");
  const Napi::Value levels = object.Get("effectLevels");
  if (!is_absent(levels)) {
    if (!levels.IsArray()) fail(path + ".effectLevels", "an array", levels);
    const auto list = levels.As<Napi::Array>();
    for (std::uint32_t i = 0; i < list.Length(); ++i) {
      group.effect_levels.push_back(integers_from_js(list.Get(i), path + ".effectLevels[" + std::to_string(i) + "]"));
    }
  }
  return group;
}

RandomEffect effect_from_js(const Napi::Value& value, const std::string& path) {
  const auto object = object_from_js(value, path);
  RandomEffect effect;
  effect.process = integer_from_js(object.Get("process"), path + ".process");
  effect.num_levels = integer_from_js(object.Get("numLevels"), path + ".numLevels");
  effect.structure =
      choice_from_js(object.Get("structure"), path + ".structure", RandomEffect::Structure::iid,
                     {{"iid", RandomEffect::Structure::iid}, {"cyclic-walk", RandomEffect::Structure::cyclic_walk}});
  return effect;
}

}  // namespace

Napi::Object object_from_js(const Napi::Value& value, const std::string& path) {
  if (!value.IsObject()) fail(path, "an object", value);
  return value.As<Napi::Object>();
}

double number_from_js(const Napi::Value& value, const std::string& path) {
  if (!value.IsNumber()) fail(path, "a number", value);
  return value.As<Napi::Number>().DoubleValue();
}

std::int32_t integer_from_js(const Napi::Value& value, const std::string& path) {
  const double number = number_from_js(value, path);
  if (number != std::floor(number) || std::abs(number) > 2147483647.0) {
    throw InvalidModel(path + " must be an integer, found " + std::to_string(number) + ".", {{"field", path}});
  }
  return static_cast<std::int32_t>(number);
}

bool boolean_from_js(const Napi::Value& value, const std::string& path) {
  if (!value.IsBoolean()) fail(path, "a boolean", value);
  return value.As<Napi::Boolean>().Value();
}

std::string text_from_js(const Napi::Value& value, const std::string& path) {
  if (!value.IsString()) fail(path, "a string", value);
  return value.As<Napi::String>().Utf8Value();
}

std::vector<double> doubles_from_js(const Napi::Value& value, const std::string& path) {
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float64_array) {
    return copied<Napi::Float64Array>(value);
  }
  if (!value.IsArray()) fail(path, "a Float64Array or an array of numbers", value);
  const auto array = value.As<Napi::Array>();
  std::vector<double> result(array.Length());
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    result[i] = number_from_js(array.Get(i), path + "[" + std::to_string(i) + "]");
  }
  return result;
}

std::vector<std::int32_t> integers_from_js(const Napi::Value& value, const std::string& path) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array) {
    fail(path, "an Int32Array", value);
  }
  return copied<Napi::Int32Array>(value);
}

CsrMatrix csr_from_js(const Napi::Value& value, const std::string& path) {
  const auto object = object_from_js(value, path);
  CsrMatrix matrix;
  matrix.num_rows = integer_from_js(object.Get("numRows"), path + ".numRows");
  matrix.num_columns = integer_from_js(object.Get("numColumns"), path + ".numColumns");
  matrix.row_pointers = integers_from_js(object.Get("rowPointers"), path + ".rowPointers");
  matrix.column_indices = integers_from_js(object.Get("columnIndices"), path + ".columnIndices");
  matrix.values = doubles_from_js(object.Get("values"), path + ".values");
  return matrix;
}

EngineModel model_from_js(const Napi::Value& value) {
  const auto object = object_from_js(value, "model");
  EngineModel model;
  const auto kind = text_from_js(object.Get("kind"), "kind");
  const std::pair<const char*, ModelKind> kinds[] = {
      {"spatio-temporal", ModelKind::spatio_temporal},
      {"exact-diffusion", ModelKind::exact_diffusion},
      {"spatial", ModelKind::spatial},
      {"separable", ModelKind::separable},
  };
  const auto* known = std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& k) { return kind == k.first; });
  if (known == std::end(kinds)) {
    throw InvalidModel("kind must be 'spatio-temporal', 'exact-diffusion', 'spatial' or 'separable', found '" + kind +
                       "'.");
  }
  model.kind = known->second;
  const auto manifold = text_from_js(object.Get("manifold"), "manifold");
  if (manifold != "plane" && manifold != "sphere") {
    throw InvalidModel("manifold must be 'plane' or 'sphere', found '" + manifold + "'.");
  }
  model.manifold = manifold == "sphere" ? Manifold::sphere : Manifold::plane;
  const Napi::Value series = object.Get("sphereSeriesTerms");
  if (!is_absent(series)) model.sphere_series_terms = integer_from_js(series, "sphereSeriesTerms");
  model.num_time_steps = integer_from_js(object.Get("numTimeSteps"), "numTimeSteps");
  model.c0 = doubles_from_js(object.Get("c0"), "c0");
  model.g1 = csr_from_js(object.Get("g1"), "g1");
  const Napi::Value temporal = object.Get("temporal");
  if (!is_absent(temporal)) {
    const auto matrices = object_from_js(temporal, "temporal");
    model.temporal = TemporalMatrices{doubles_from_js(matrices.Get("m0"), "temporal.m0"),
                                      doubles_from_js(matrices.Get("m1"), "temporal.m1"),
                                      doubles_from_js(matrices.Get("m2Diagonal"), "temporal.m2Diagonal"),
                                      doubles_from_js(matrices.Get("m2OffDiagonal"), "temporal.m2OffDiagonal")};
  }
  const Napi::Value basis = object.Get("spectralBasis");
  if (!is_absent(basis)) {
    const auto spectral = object_from_js(basis, "spectralBasis");
    model.spectral_basis = SpectralBasis{doubles_from_js(spectral.Get("eigenvalues"), "spectralBasis.eigenvalues"),
                                         doubles_from_js(spectral.Get("eigenvectors"), "spectralBasis.eigenvectors")};
  }
  const Napi::Value groups = object.Get("observations");
  if (!groups.IsArray()) fail("observations", "an array", groups);
  const auto group_array = groups.As<Napi::Array>();
  for (std::uint32_t i = 0; i < group_array.Length(); ++i) {
    model.observations.push_back(
        group_from_js(group_array.Get(i), "observations[" + std::to_string(i) + "]", static_cast<std::int32_t>(i)));
  }
  const Napi::Value effects = object.Get("randomEffects");
  if (!is_absent(effects)) {
    if (!effects.IsArray()) fail("randomEffects", "an array", effects);
    const auto effect_array = effects.As<Napi::Array>();
    for (std::uint32_t i = 0; i < effect_array.Length(); ++i) {
      model.random_effects.push_back(effect_from_js(effect_array.Get(i), "randomEffects[" + std::to_string(i) + "]"));
    }
  }
  model.fixed_effects_prior_precision =
      number_from_js(object.Get("fixedEffectsPriorPrecision"), "fixedEffectsPriorPrecision");
  const Napi::Value priors = object.Get("priors");
  if (!priors.IsArray()) fail("priors", "an array", priors);
  const auto prior_array = priors.As<Napi::Array>();
  for (std::uint32_t i = 0; i < prior_array.Length(); ++i) {
    model.priors.push_back(prior_from_js(prior_array.Get(i), "priors[" + std::to_string(i) + "]"));
  }
  return model;
}

std::vector<PredictionDesign> designs_from_js(const Napi::Value& value) {
  if (!value.IsArray()) fail("designs", "an array", value);
  const auto array = value.As<Napi::Array>();
  std::vector<PredictionDesign> designs;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const auto path = "designs[" + std::to_string(i) + "]";
    const auto object = object_from_js(array.Get(i), path);
    designs.push_back({integer_from_js(object.Get("process"), path + ".process"),
                       integers_from_js(object.Get("timeIndices"), path + ".timeIndices"),
                       csr_from_js(object.Get("projector"), path + ".projector"),
                       doubles_from_js(object.Get("covariates"), path + ".covariates")});
  }
  return designs;
}

Napi::Float64Array doubles_to_js(Napi::Env env, std::span<const double> values) {
  auto array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Array numbers_to_js(Napi::Env env, std::span<const double> values) {
  auto array = Napi::Array::New(env, values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    array.Set(static_cast<std::uint32_t>(i), Napi::Number::New(env, values[i]));
  }
  return array;
}

Napi::Error error_to_js(Napi::Env env, const Error& error) {
  auto result = Napi::Error::New(env, error.what());
  auto facts = Napi::Object::New(env);
  for (const auto& [name, fact] : error.facts()) {
    if (const auto* number = std::get_if<double>(&fact)) {
      facts.Set(name, Napi::Number::New(env, *number));
    } else if (const auto* integer = std::get_if<std::int64_t>(&fact)) {
      facts.Set(name, Napi::Number::New(env, static_cast<double>(*integer)));
    } else if (const auto* text = std::get_if<std::string>(&fact)) {
      facts.Set(name, Napi::String::New(env, *text));
    } else {
      facts.Set(name, numbers_to_js(env, std::get<std::vector<double>>(fact)));
    }
  }
  result.Set("tag", Napi::String::New(env, error.tag()));
  result.Set("facts", facts);
  return result;
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "napi/model_conversions.hpp"

#include "napi/conversions.hpp"
#include "tramontana/errors.hpp"

namespace tramontana::addon {
namespace {

ThetaPrior prior_of_fields(const Fields& object, const std::string& path) {
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
  prior.kind = choice_from_js<ThetaPrior::Kind>(object.Get("kind"), path + ".kind",
                                                {{"spatial-range", ThetaPrior::Kind::spatial_range},
                                                 {"temporal-range", ThetaPrior::Kind::temporal_range},
                                                 {"sigma", ThetaPrior::Kind::sigma},
                                                 {"noise-sd", ThetaPrior::Kind::noise_sd},
                                                 {"noise-precision-compat", ThetaPrior::Kind::noise_precision_compat}});
  prior.lambda = number_from_js(object.Get("lambda"), path + ".lambda");
  return prior;
}

ThetaPrior prior_from_js(const Napi::Value& value, const std::string& path) {
  const Fields object(value, path);
  const auto prior = prior_of_fields(object, path);
  object.refuse_others();
  return prior;
}

ObservationGroup group_from_js(const Napi::Value& value, const std::string& path, std::int32_t index) {
  const Fields object(value, path);
  ObservationGroup group;
  const Napi::Value process = object.Get("process");
  group.process = is_absent(process) ? index : integer_from_js(process, path + ".process");
  if (const Napi::Value likelihood = object.Get("likelihood"); !is_absent(likelihood)) {
    group.likelihood = choice_from_js<Likelihood>(likelihood, path + ".likelihood",
                                                  {{"gaussian", Likelihood::gaussian},
                                                   {"poisson", Likelihood::poisson},
                                                   {"binomial", Likelihood::binomial},
                                                   {"gamma", Likelihood::gamma},
                                                   {"student-t", Likelihood::student_t}});
  }
  if (const Napi::Value transform = object.Get("transform"); !is_absent(transform)) {
    group.transform = choice_from_js<ResponseTransform>(transform, path + ".transform",
                                                        {{"identity", ResponseTransform::identity},
                                                         {"log", ResponseTransform::log},
                                                         {"square-root", ResponseTransform::square_root}});
  }
  group.y = doubles_from_js(object.Get("y"), path + ".y");
  group.time_index = integers_from_js(object.Get("timeIndex"), path + ".timeIndex");
  group.projector = csr_from_js(object.Get("projector"), path + ".projector");
  group.covariates = doubles_from_js(object.Get("covariates"), path + ".covariates");
  group.num_covariates = integer_from_js(object.Get("numCovariates"), path + ".numCovariates");
  const Napi::Value weights = object.Get("weights");
  if (!is_absent(weights)) group.weights = one_each_from_js(weights, path + ".weights", group.y.size());
  const Napi::Value exposure = object.Get("exposure");
  if (!is_absent(exposure)) group.exposure = one_each_from_js(exposure, path + ".exposure", group.y.size());
  const Napi::Value levels = object.Get("effectLevels");
  if (!is_absent(levels)) {
    for_each_element(levels, path + ".effectLevels", [&](const Napi::Value& level, const std::string& own) {
      group.effect_levels.push_back(integers_from_js(level, own));
    });
  }
  object.refuse_others();
  return group;
}

RandomEffect effect_from_js(const Napi::Value& value, const std::string& path) {
  const Fields object(value, path);
  RandomEffect effect;
  effect.process = integer_from_js(object.Get("process"), path + ".process");
  effect.num_levels = integer_from_js(object.Get("numLevels"), path + ".numLevels");
  if (const Napi::Value structure = object.Get("structure"); !is_absent(structure)) {
    effect.structure = choice_from_js<RandomEffect::Structure>(
        structure, path + ".structure",
        {{"iid", RandomEffect::Structure::iid}, {"cyclic-walk", RandomEffect::Structure::cyclic_walk}});
  }
  object.refuse_others();
  return effect;
}

}  // namespace

EngineModel model_from_js(const Napi::Value& value) {
  const Fields object(value, "");
  EngineModel model;
  model.kind = choice_from_js<ModelKind>(object.Get("kind"), "kind",
                                         {{"spatio-temporal", ModelKind::spatio_temporal},
                                          {"exact-diffusion", ModelKind::exact_diffusion},
                                          {"spatial", ModelKind::spatial},
                                          {"separable", ModelKind::separable}});
  model.manifold = choice_from_js<Manifold>(object.Get("manifold"), "manifold",
                                            {{"plane", Manifold::plane}, {"sphere", Manifold::sphere}});
  const Napi::Value series = object.Get("sphereSeriesTerms");
  if (!is_absent(series)) model.sphere_series_terms = integer_from_js(series, "sphereSeriesTerms");
  model.num_time_steps = integer_from_js(object.Get("numTimeSteps"), "numTimeSteps");
  model.c0 = doubles_from_js(object.Get("c0"), "c0");
  model.g1 = csr_from_js(object.Get("g1"), "g1");
  const Napi::Value temporal = object.Get("temporal");
  if (!is_absent(temporal)) {
    const Fields matrices(temporal, "temporal");
    model.temporal = TemporalMatrices{doubles_from_js(matrices.Get("m0"), "temporal.m0"),
                                      doubles_from_js(matrices.Get("m1"), "temporal.m1"),
                                      doubles_from_js(matrices.Get("m2Diagonal"), "temporal.m2Diagonal"),
                                      doubles_from_js(matrices.Get("m2OffDiagonal"), "temporal.m2OffDiagonal")};
    matrices.refuse_others();
  }
  const Napi::Value basis = object.Get("spectralBasis");
  if (!is_absent(basis)) {
    const Fields spectral(basis, "spectralBasis");
    model.spectral_basis = SpectralBasis{doubles_from_js(spectral.Get("eigenvalues"), "spectralBasis.eigenvalues"),
                                         doubles_from_js(spectral.Get("eigenvectors"), "spectralBasis.eigenvectors")};
    spectral.refuse_others();
  }
  for_each_element(object.Get("observations"), "observations", [&](const Napi::Value& group, const std::string& path) {
    model.observations.push_back(group_from_js(group, path, static_cast<std::int32_t>(model.observations.size())));
  });
  const Napi::Value effects = object.Get("randomEffects");
  if (!is_absent(effects)) {
    for_each_element(effects, "randomEffects", [&](const Napi::Value& effect, const std::string& path) {
      model.random_effects.push_back(effect_from_js(effect, path));
    });
  }
  model.fixed_effects_prior_precision =
      number_from_js(object.Get("fixedEffectsPriorPrecision"), "fixedEffectsPriorPrecision");
  model.priors = priors_from_js(object.Get("priors"), "priors");
  object.refuse_others();
  return model;
}

std::vector<ThetaPrior> priors_from_js(const Napi::Value& value, const std::string& path) {
  std::vector<ThetaPrior> priors;
  for_each_element(value, path, [&](const Napi::Value& prior, const std::string& own) {
    priors.push_back(prior_from_js(prior, own));
  });
  return priors;
}

std::vector<PredictionDesign> designs_from_js(const Napi::Value& value, const std::string& path) {
  std::vector<PredictionDesign> designs;
  for_each_element(value, path, [&](const Napi::Value& design, const std::string& own) {
    const Fields object(design, own);
    designs.push_back({integer_from_js(object.Get("process"), own + ".process"),
                       integers_from_js(object.Get("timeIndices"), own + ".timeIndices"),
                       csr_from_js(object.Get("projector"), own + ".projector"),
                       doubles_from_js(object.Get("covariates"), own + ".covariates")});
    object.refuse_others();
  });
  return designs;
}

}  // namespace tramontana::addon

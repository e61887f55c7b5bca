// SPDX-License-Identifier: Apache-2.0
#include "napi/posterior_conversions.hpp"

#include <algorithm>

#include "napi/conversions.hpp"
#include "napi/model_conversions.hpp"

namespace tramontana::addon {
namespace {

/** An array of what `convert` makes of each element. */
template <class Values, class Convert>
Napi::Array array_to_js(Napi::Env env, const Values& values, const Convert& convert) {
  auto array = Napi::Array::New(env, values.size());
  for (std::size_t i = 0; i < values.size(); ++i) array.Set(static_cast<std::uint32_t>(i), convert(values[i]));
  return array;
}

Napi::Object summary_to_js(Napi::Env env, const MarginalSummary& summary) {
  auto object = Napi::Object::New(env);
  object.Set("mean", summary.mean);
  object.Set("sd", summary.sd);
  object.Set("quantiles", numbers_to_js(env, summary.quantiles));
  return object;
}

Napi::Object density_to_js(Napi::Env env, const MarginalDensity& marginal) {
  auto object = summary_to_js(env, marginal);
  object.Set("grid", doubles_to_js(env, marginal.grid));
  object.Set("density", doubles_to_js(env, marginal.density));
  return object;
}

Napi::Object theta_to_js(Napi::Env env, const ThetaMarginal& marginal) {
  auto object = Napi::Object::New(env);
  object.Set("name", marginal.name);
  object.Set("naturalName", marginal.natural_name);
  object.Set("internal", density_to_js(env, marginal.internal));
  object.Set("natural", density_to_js(env, marginal.natural));
  return object;
}

Napi::Object mixture_to_js(Napi::Env env, const MixtureMoments& moments) {
  auto object = Napi::Object::New(env);
  object.Set("mean", doubles_to_js(env, moments.mean));
  object.Set("sd", doubles_to_js(env, moments.sd));
  return object;
}

Napi::Object point_to_js(Napi::Env env, const IntegrationPoint& point) {
  auto object = Napi::Object::New(env);
  object.Set("theta", doubles_to_js(env, point.theta));
  object.Set("z", doubles_to_js(env, point.z));
  object.Set("logPosterior", point.log_posterior);
  object.Set("weight", point.weight);
  return object;
}

Napi::Object criteria_to_js(Napi::Env env, const ModelCriteria& criteria) {
  auto object = Napi::Object::New(env);
  object.Set("meanDeviance", criteria.mean_deviance);
  object.Set("devianceAtMean", criteria.deviance_at_mean);
  object.Set("dic", criteria.dic);
  object.Set("dicEffectiveParameters", criteria.dic_effective_parameters);
  object.Set("waic", criteria.waic);
  object.Set("waicEffectiveParameters", criteria.waic_effective_parameters);
  object.Set("logScore", criteria.log_score);
  if (criteria.rinla) {
    auto rinla = Napi::Object::New(env);
    rinla.Set("dic", criteria.rinla->dic);
    rinla.Set("dicEffectiveParameters", criteria.rinla->dic_effective_parameters);
    rinla.Set("waic", criteria.rinla->waic);
    rinla.Set("waicEffectiveParameters", criteria.rinla->waic_effective_parameters);
    object.Set("rinla", rinla);
  }
  object.Set("groups", array_to_js(env, criteria.groups, [&](const GroupCriteria& group) {
               auto entry = Napi::Object::New(env);
               entry.Set("logCpo", doubles_to_js(env, group.log_cpo));
               entry.Set("pit", doubles_to_js(env, group.pit));
               return entry;
             }));
  return object;
}

const Choices<IntegrationStrategy> strategies{{"automatic", IntegrationStrategy::automatic},
                                              {"lattice", IntegrationStrategy::lattice},
                                              {"central-composite", IntegrationStrategy::central_composite},
                                              {"empirical-bayes", IntegrationStrategy::empirical_bayes},
                                              {"rinla-composite", IntegrationStrategy::rinla_composite},
                                              {"cubature", IntegrationStrategy::cubature}};

std::string strategy_name(IntegrationStrategy strategy) {
  for (const auto& [name, value] : strategies) {
    if (value == strategy) return name;
  }
  return {};
}

}  // namespace

IntegrationOptions integration_options_from_js(const Napi::Value& value) {
  const Options given(value, "options");
  IntegrationOptions options;
  given.read_choice<IntegrationStrategy>("strategy", options.strategy, strategies);
  given.read("mostEvaluations", options.most_evaluations, number_from_js);
  given.read("radiusFactor", options.radius_factor, number_from_js);
  given.read("latent", options.latent, boolean_from_js);
  given.read("criteria", options.criteria, boolean_from_js);
  given.read("rinlaCriteria", options.rinla_criteria, boolean_from_js);
  given.read("predictions", options.predictions, designs_from_js);
  given.refuse_others();
  return options;
}

Napi::Object integration_to_js(Napi::Env env, const IntegrationResult& result) {
  auto object = Napi::Object::New(env);
  object.Set("strategy", strategy_name(result.strategy));
  auto expected = Napi::Object::New(env);
  expected.Set("lattice", result.expected_evaluations.lattice);
  expected.Set("centralComposite", result.expected_evaluations.central_composite);
  object.Set("expectedEvaluations", expected);
  object.Set("points",
             array_to_js(env, result.points, [&](const IntegrationPoint& point) { return point_to_js(env, point); }));
  object.Set("logMarginalLikelihood", result.log_marginal_likelihood);
  object.Set("logMarginalLikelihoodGaussian", result.log_marginal_likelihood_gaussian);
  object.Set("axisStretch", array_to_js(env, result.axis_stretch, [&](const std::array<double, 2>& stretch) {
               return numbers_to_js(env, stretch);
             }));
  object.Set("theta",
             array_to_js(env, result.theta, [&](const ThetaMarginal& marginal) { return theta_to_js(env, marginal); }));
  object.Set("fixedEffects", array_to_js(env, result.fixed_effects,
                                         [&](const MarginalSummary& summary) { return summary_to_js(env, summary); }));
  if (!result.latent.mean.empty()) object.Set("latent", mixture_to_js(env, result.latent));
  object.Set("predictions", mixtures_to_js(env, result.predictions));
  if (!result.criteria.groups.empty()) {
    object.Set("observations", mixtures_to_js(env, result.observations));
    object.Set("criteria", criteria_to_js(env, result.criteria));
  }
  object.Set("evaluations", result.evaluations);
  object.Set("failedPoints", result.failed_points);
  object.Set("seconds", result.seconds);
  return object;
}

Napi::Array mixtures_to_js(Napi::Env env, const std::vector<MixtureMoments>& mixtures) {
  return array_to_js(env, mixtures, [&](const MixtureMoments& moments) { return mixture_to_js(env, moments); });
}

std::vector<SamplingPoint> sampling_points_from_js(const Napi::Value& value) {
  std::vector<SamplingPoint> points;
  for_each_element(value, "points", [&](const Napi::Value& point, const std::string& path) {
    const Fields object(point, path);
    points.push_back({doubles_from_js(object.Get("theta"), path + ".theta"),
                      number_from_js(object.Get("weight"), path + ".weight")});
    object.refuse_others();
  });
  return points;
}

SamplingOptions sampling_options_from_js(const Napi::Value& value) {
  const Options given(value, "options");
  SamplingOptions options;
  given.read("numSamples", options.num_samples, integer_from_js);
  given.read("seed", options.seed, count_from_js);
  given.read("latent", options.latent, boolean_from_js);
  given.read("predictions", options.predictions, designs_from_js);
  given.refuse_others();
  return options;
}

Napi::Object samples_to_js(Napi::Env env, const PosteriorSamples& samples) {
  auto object = Napi::Object::New(env);
  auto points = Napi::Int32Array::New(env, samples.points.size());
  std::copy(samples.points.begin(), samples.points.end(), points.Data());
  object.Set("points", points);
  if (!samples.latent.empty()) object.Set("latent", doubles_to_js(env, samples.latent));
  object.Set("predictions", array_to_js(env, samples.predictions,
                                        [&](const std::vector<double>& values) { return doubles_to_js(env, values); }));
  return object;
}

std::vector<std::vector<std::int32_t>> folds_from_js(const Napi::Value& value) {
  std::vector<std::vector<std::int32_t>> folds;
  for_each_element(value, "folds", [&](const Napi::Value& fold, const std::string& path) {
    folds.push_back(integers_from_js(fold, path));
  });
  return folds;
}

Napi::Object leave_out_to_js(Napi::Env env, const LeaveOutResult& result) {
  auto object = Napi::Object::New(env);
  object.Set("groups", array_to_js(env, result.groups, [&](const LeftOutGroup& group) {
               auto entry = Napi::Object::New(env);
               entry.Set("mean", doubles_to_js(env, group.mean));
               entry.Set("sd", doubles_to_js(env, group.sd));
               entry.Set("logDensity", doubles_to_js(env, group.log_density));
               entry.Set("pit", doubles_to_js(env, group.pit));
               return entry;
             }));
  object.Set("foldLogDensity", doubles_to_js(env, result.fold_log_density));
  object.Set("logScore", result.log_score);
  return object;
}

}  // namespace tramontana::addon

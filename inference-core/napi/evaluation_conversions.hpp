// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "napi/conversions.hpp"

namespace tramontana::addon {

/** What an evaluation by either solver says about the fixed effects, and the likelihood. */
template <class Evaluated>
void set_effects(Napi::Object object, const Evaluated& evaluation) {
  const auto env = object.Env();
  object.Set("fixedEffectMeans", doubles_to_js(env, evaluation.fixed_effect_means));
  object.Set("fixedEffectCovariance", doubles_to_js(env, evaluation.fixed_effect_covariance));
  object.Set("logMarginalLikelihood", evaluation.log_marginal_likelihood);
}

/** What evaluations by either solver have in common; the gradient where it was asked for. */
template <class Evaluated>
[[nodiscard]] Napi::Object evaluation_to_js(Napi::Env env, const Evaluated& evaluation, bool with_gradient) {
  auto object = Napi::Object::New(env);
  object.Set("objective", evaluation.objective);
  if (with_gradient) object.Set("gradient", doubles_to_js(env, evaluation.gradient));
  set_effects(object, evaluation);
  object.Set("logPosterior", evaluation.log_posterior);
  object.Set("seconds", evaluation.seconds);
  return object;
}

}  // namespace tramontana::addon

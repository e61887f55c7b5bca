// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <vector>

#include "napi/conversions.hpp"
#include "tramontana/integration.hpp"
#include "tramontana/leave_out.hpp"
#include "tramontana/sampling.hpp"

namespace tramontana::addon {

/** Defaults for undefined or null. */
[[nodiscard]] IntegrationOptions integration_options_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object integration_to_js(Napi::Env env, const IntegrationResult& result);
/** Defaults for undefined or null. */
[[nodiscard]] SamplingOptions sampling_options_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object samples_to_js(Napi::Env env, const PosteriorSamples& samples);
[[nodiscard]] std::vector<std::vector<std::int32_t>> folds_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object leave_out_to_js(Napi::Env env, const LeaveOutResult& result);
[[nodiscard]] Napi::Array mixtures_to_js(Napi::Env env, const std::vector<MixtureMoments>& mixtures);

/** Points {theta, weight} of a mixture. */
template <class Point>
[[nodiscard]] std::vector<Point> points_from_js(const Napi::Value& value) {
  std::vector<Point> points;
  for_each_element(value, "points", [&](const Napi::Value& point, const std::string& path) {
    const Fields object(point, path);
    points.push_back({doubles_from_js(object.Get("theta"), path + ".theta"),
                      number_from_js(object.Get("weight"), path + ".weight")});
    object.refuse_others();
  });
  return points;
}

}  // namespace tramontana::addon

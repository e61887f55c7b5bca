// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <vector>

#include "tramontana/integration.hpp"
#include "tramontana/leave_out.hpp"
#include "tramontana/sampling.hpp"

namespace tramontana::addon {

/** Defaults for undefined or null. */
[[nodiscard]] IntegrationOptions integration_options_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object integration_to_js(Napi::Env env, const IntegrationResult& result);
[[nodiscard]] Napi::Array mixtures_to_js(Napi::Env env, const std::vector<MixtureMoments>& mixtures);
[[nodiscard]] std::vector<SamplingPoint> sampling_points_from_js(const Napi::Value& value);
/** Defaults for undefined or null. */
[[nodiscard]] SamplingOptions sampling_options_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object samples_to_js(Napi::Env env, const PosteriorSamples& samples);
[[nodiscard]] std::vector<std::vector<std::int32_t>> folds_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object leave_out_to_js(Napi::Env env, const LeaveOutResult& result);

}  // namespace tramontana::addon

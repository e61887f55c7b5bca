// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "tramontana/integration.hpp"

namespace tramontana::addon {

/** Defaults for undefined or null. */
[[nodiscard]] IntegrationOptions integration_options_from_js(const Napi::Value& value);
[[nodiscard]] Napi::Object integration_to_js(Napi::Env env, const IntegrationResult& result);

}  // namespace tramontana::addon

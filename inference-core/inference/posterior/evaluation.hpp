// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "inference/posterior/posterior.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {

/** What the options ask for of a posterior at hand: evaluate() without the factorisation. @throws as evaluate() */
[[nodiscard]] Evaluation evaluation_of(const Posterior& whole, const EvaluationOptions& options);

}  // namespace tramontana

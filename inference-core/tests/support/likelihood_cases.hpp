// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <utility>
#include <vector>

#include "support/random_model.hpp"

namespace tramontana::testing {

/** A random model with the likelihood, and what else it may have. */
struct LikelihoodCase {
  const char* name;
  RandomModelOptions options;
  Likelihood likelihood;
  bool second_group = false;  ///< a Gaussian group with a noise of its own observes process 0, too
  bool effects = false;
};

inline void PrintTo(const LikelihoodCase& item, std::ostream* out) { *out << item.name; }

/** Every likelihood, alone and with other groups and effects. */
[[nodiscard]] const std::vector<LikelihoodCase>& likelihood_cases();

/** The model and a theta that suits it: y moved to the support of the likelihood, and what the case asks for. */
[[nodiscard]] std::pair<EngineModel, std::vector<double>> likelihood_model(const LikelihoodCase& item);

}  // namespace tramontana::testing

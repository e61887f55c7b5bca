// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/theta_layout.hpp"
#include "tramontana/engine_model.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {

/**
 * One prior a component of theta, each of a kind that can be meant for its component: a penalised-complexity prior for
 * the quantity that its kind names, a log-gamma prior for a precision; Gaussian and fixed ones for any.
 *
 * @throws InvalidModel
 */
void validate_priors(std::span<const ThetaPrior> priors, const std::vector<std::string>& theta_names);

/** Length of the shortest edge of a mesh, from the smallest lumped mass, as if its triangles were equilateral there. */
[[nodiscard]] double shortest_edge(std::span<const double> lumped_mass);

/**
 * Says which prior keeps a spatial range below the shortest edge of the mesh, where the mesh has no field of that
 * range: a fixed one there, or one with 95 % of its mass there.
 */
[[nodiscard]] std::optional<InvalidModel> unresolved_prior(std::span<const ThetaPrior> priors,
                                                           const std::vector<std::string>& theta_names,
                                                           std::span<const double> lumped_mass);

/** The same of a start or an upper bound called `what`; empty for none. */
[[nodiscard]] std::optional<InvalidModel> unresolved_value(const std::string& what, std::span<const double> values,
                                                           const std::vector<std::string>& theta_names,
                                                           std::span<const double> lumped_mass);

}  // namespace tramontana

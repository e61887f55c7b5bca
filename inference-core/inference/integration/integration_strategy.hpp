// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "inference/posterior/prepared_model.hpp"
#include "tramontana/integration.hpp"

namespace tramontana {

/**
 * What is done about theta where `num_free` of its components vary. Depends on counted evaluations and flops alone, so
 * that equal inputs are integrated alike on every machine.
 *
 * @throws InvalidModel for a lattice in more dimensions than it serves
 */
[[nodiscard]] IntegrationStrategy resolved_strategy(const PreparedModel& model, const IntegrationOptions& options,
                                                    std::size_t num_free);

/** Evaluations that a strategy takes, about: those of the axes and one a point. */
[[nodiscard]] double expected_evaluations(IntegrationStrategy strategy, std::size_t num_free);

}  // namespace tramontana

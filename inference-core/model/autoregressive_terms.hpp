// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "model/latent_model.hpp"

namespace tramontana {

/**
 * Temporal matrices of a stationary AR(1) process of n steps with coefficient rho,
 * Q = (1 - rho^2)^-1 (M_0 + rho^2 M_1 - rho M_2): M_0 = I, M_1 = I - e_1 e_1' - e_n e_n', M_2 = ones beside the
 * diagonal.
 */
[[nodiscard]] inline std::vector<TemporalTerm> autoregressive_terms(std::size_t num_steps) {
  const std::vector<double> ones(num_steps, 1.0);
  const std::vector<double> zeros(num_steps, 0.0);
  // For one step this is -1, and the precision that of the stationary field.
  std::vector<double> interior(num_steps, 1.0);
  interior.front() -= 1.0;
  interior.back() -= 1.0;
  const std::vector<double> uncoupled(num_steps - 1, 0.0);
  const std::vector<double> coupled(num_steps - 1, 1.0);
  return {{ones, uncoupled}, {interior, uncoupled}, {zeros, coupled}};
}

}  // namespace tramontana

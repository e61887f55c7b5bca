// SPDX-License-Identifier: Apache-2.0
#include "solver/order_cost.hpp"

#include <algorithm>

#include "solver/selected_inverse.hpp"

namespace tramontana {

OrderCost count_orders(const BlockSequence& sequence) {
  constexpr std::size_t steps_to_steady_state = 12;
  constexpr double threads_inside = 1.7;
  const std::size_t num_steps = sequence.num_blocks();
  std::size_t distinct = 0;
  std::size_t in_a_row = 0;
  for (std::size_t step = 0; step < num_steps; ++step) {
    const bool repeats = step > 1 && sequence.diagonal_tag(step) == sequence.diagonal_tag(step - 1) &&
                         sequence.coupling_tag(step - 1) == sequence.coupling_tag(step - 2);
    in_a_row = repeats ? in_a_row + 1 : 0;
    if (in_a_row < steps_to_steady_state) ++distinct;
  }
  bool is_mirrored = sequence.couplings_are_symmetric();
  for (std::size_t step = 0; is_mirrored && step < num_steps / 2; ++step) {
    const std::size_t opposite = num_steps - 1 - step;
    is_mirrored = sequence.diagonal_tag(step) == sequence.diagonal_tag(opposite) &&
                  (step == 0 || sequence.coupling_tag(step - 1) == sequence.coupling_tag(opposite));
  }
  const auto states = static_cast<double>(distinct);
  const auto steps = static_cast<double>(num_steps);
  const double inversion = 1.0 / inversion_rate;
  const double congruence = congruence_cost(sequence.coupling(0), sequence.block_size());
  OrderCost cost;
  cost.two_sided = steps / 2.0 * (3.0 * inversion + 4.0 * congruence);
  // Mirrored, R costs nothing and Sigma half.
  const double two_filter = (is_mirrored ? 0.25 : 0.5) * (inversion + 2.0 * congruence) +
                            (is_mirrored ? 0.0 : 0.5) * (inversion + congruence);
  const double backward = (3.0 + congruence) / threads_inside;
  cost.forward = states * ((inversion + congruence) / threads_inside + std::min(two_filter, backward));
  return cost;
}

}  // namespace tramontana

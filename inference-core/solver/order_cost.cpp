// SPDX-License-Identifier: Apache-2.0
#include "solver/order_cost.hpp"

#include <algorithm>

#include "solver/selected_inverse.hpp"

namespace tramontana {

namespace {

/** Steps after which a recursion has forgotten its start: 9 to 17 measured where a quarter to a tenth is observed. */
constexpr std::size_t repaired_steps = 16;

}  // namespace

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
  const double congruence = num_steps > 1 ? congruence_cost(sequence.coupling(0), sequence.block_size()) : 0.0;
  OrderCost cost;
  cost.step = 3.0 * inversion + 4.0 * congruence;
  cost.two_sided = steps / 2.0 * cost.step;
  // Mirrored, R costs nothing and Sigma half.
  const double two_filter =
      (is_mirrored ? 0.5 : 1.0) * (inversion + 2.0 * congruence) + (is_mirrored ? 0.0 : 1.0) * (inversion + congruence);
  const double backward = 3.0 + congruence;
  const double first = inversion + congruence;
  // Two filters run side by side, the others have their threads inside.
  cost.forward = states * (first / threads_inside + std::min(two_filter / 2.0, backward / threads_inside));
  cost.forward_alone = states * (first + std::min(two_filter, backward));
  return cost;
}

RanksCost count_on_ranks(const OrderCost& cost, std::size_t num_steps, int num_ranks) {
  RanksCost result{cost.forward_alone, false};
  if (num_ranks < 2 || num_steps < 3) return result;
  const std::size_t windows = std::min(static_cast<std::size_t>(num_ranks), num_steps - 1);
  const std::size_t longest = (num_steps - 1 + windows - 1) / windows;
  // Of the three inversions of a step a repair does one again, on the way inward and outward; a window ends it.
  const std::size_t repaired = windows > 2 ? 2 * std::min(repaired_steps, longest) : 0;
  const double time = cost.step * (static_cast<double>(longest + 1) + static_cast<double>(repaired) / 3.0);
  if (time < result.time) result = {time, true};
  return result;
}

RankSplit split_ranks(const OrderCost& cost, std::size_t num_steps, std::size_t num_jobs, int num_ranks) {
  RankSplit best;
  best.time_alone = static_cast<double>(num_jobs) * cost.forward_alone;
  const int most = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(num_ranks), num_jobs));
  for (int groups = 1; groups <= most; ++groups) {
    const std::size_t rounds = (num_jobs + static_cast<std::size_t>(groups) - 1) / static_cast<std::size_t>(groups);
    const double time = static_cast<double>(rounds) * count_on_ranks(cost, num_steps, num_ranks / groups).time;
    if (groups == 1 || time <= best.time) {
      best.num_groups = groups;
      best.time = time;
    }
  }
  return best;
}

}  // namespace tramontana

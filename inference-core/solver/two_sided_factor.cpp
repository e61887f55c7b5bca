// SPDX-License-Identifier: Apache-2.0
#include "solver/two_sided_factor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "solver/order_cost.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

double cubed(std::size_t size) { return std::pow(static_cast<double>(size), 3); }

}  // namespace

TwoSidedFactor::TwoSidedFactor(const BlockSequence& sequence, const Backend& backend,
                               const CancellationToken* cancellation)
    : sequence_(sequence),
      backend_(backend),
      cancellation_(cancellation),
      middle_(sequence.num_blocks() / 2),
      left_{true, 0, middle_},
      right_{false, sequence.num_blocks() - 1, sequence.num_blocks() - 1 - middle_},
      inverses_(sequence.num_blocks()) {
  if (sequence.num_blocks() < 2) {
    throw InvalidModel("Two sides need two steps or more, found " + std::to_string(sequence.num_blocks()) + ".",
                       {{"steps", static_cast<std::int64_t>(sequence.num_blocks())}});
  }
  std::array<double, 2> sums{};
  for_both([&](const Side& side) { sums[side.is_left ? 0 : 1] = eliminate(side); },
           cubed(sequence.block_size()) * static_cast<double>(middle_));
  throw_if_cancelled();
  const auto before = inverse(middle_ - 1);
  const auto after = right_.length > 0 ? inverse(middle_ + 1) : ConstBlockView{};
  auto& marginal = inverses_[middle_] = new_block();
  const double middle = invert_schur_complement(sequence, backend.blocks(), middle_,
                                                {&before, right_.length > 0 ? &after : nullptr}, marginal.view());
  log_determinant_ = sums[0] + sums[1] + middle;
}

void TwoSidedFactor::for_both(const std::function<void(const Side&)>& work, double flops_each) const {
  const std::array<std::function<void()>, 2> lanes{[&] { work(left_); }, [&] { work(right_); }};
  backend_.tasks().run_independent(std::span(lanes).first(right_.length > 0 ? 2 : 1), flops_each);
}

double TwoSidedFactor::eliminate(const Side& side) {
  double sum = 0.0;
  for (std::size_t distance = 0; distance < side.length; ++distance) {
    throw_if_cancelled();
    const std::size_t step = side.step(distance);
    const auto behind = distance == 0 ? ConstBlockView{} : inverse(side.behind(step));
    auto& block = inverses_[step] = new_block();
    sum += invert_schur_complement(sequence_, backend_.blocks(), step,
                                   side.eliminated(distance == 0 ? nullptr : &behind, nullptr), block.view());
  }
  return sum;
}

EliminatedSide TwoSidedFactor::eliminated(const Side& side) const {
  return {sequence_, backend_.blocks(), side,
          [this, side](std::size_t distance) { return inverse(side.step(distance)); }};
}

void TwoSidedFactor::solve(BlockVector& b) const {
  const auto n = static_cast<double>(b.block_size());
  const double flops = 2.0 * n * n * static_cast<double>(b.num_columns() * middle_);
  for_both([&](const Side& side) { sweep_inward(eliminated(side), b); }, flops);
  std::array<DenseMatrix, 2> shares;
  for (const auto& side : {left_, right_}) {
    auto& share = shares[side.is_left ? 0 : 1] = DenseMatrix::zero(b.block_size(), b.num_columns());
    add_to_step_ahead(eliminated(side), b, share.view());
  }
  const auto middle = b.block(middle_);
  for (const auto& share : shares) {
    for (std::size_t i = 0; i < share.rows() * share.columns(); ++i) middle.data[i] += share.data()[i];
  }
  DenseMatrix solution(b.block_size(), b.num_columns());
  backend_.blocks().symmetric_multiply(1.0, inverse(middle_), middle, 0.0, solution.view());
  std::copy_n(solution.data(), solution.rows() * solution.columns(), middle.data);
  for_both([&](const Side& side) { sweep_outward(eliminated(side), b); }, flops);
}

struct TwoSidedFactor::Lane {
  Block covariance;  ///< of the present step
  Block state;       ///< R_{t+1}^-1 on the left, S_{t-1}^-1 on the right of the present step
  Block next;        ///< the same of the step after it
};

void TwoSidedFactor::advance(const Side& side, std::size_t step, Lane& lane) const {
  const auto ahead = std::as_const(lane.state).view();
  const bool is_end = step == side.end;
  const auto behind = is_end ? ConstBlockView{} : inverse(side.behind(step));
  (void)invert_schur_complement(sequence_, backend_.blocks(), step, side.eliminated(is_end ? nullptr : &behind, &ahead),
                                lane.covariance.view());
  // Nobody needs the state beyond the end: with all others eliminated it is the covariance there.
  if (is_end) return;
  (void)invert_schur_complement(sequence_, backend_.blocks(), step, side.eliminated(nullptr, &ahead), lane.next.view());
}

SelectedInverseSummary TwoSidedFactor::for_each_covariance(const CovarianceVisitor& visit,
                                                           CovarianceDetail /*detail*/) const {
  const std::size_t size = sequence_.block_size();
  SelectedInverseSummary summary;
  const auto emit = [&](std::size_t step, ConstBlockView covariance, ConstBlockView before) {
    visit_step(sequence_, step, covariance, before, visit);
    ++summary.num_groups;
  };
  throw_if_cancelled();
  emit(middle_, inverse(middle_), inverse(middle_ - 1));
  std::vector<std::pair<Side, Lane>> lanes;
  for (const auto& side : {left_, right_}) {
    if (side.length > 0) lanes.emplace_back(side, Lane{new_block(), new_block(), new_block()});
  }
  const auto run = [&](const std::function<void(const Side&, Lane&)>& work, std::size_t distance, double flops) {
    std::vector<std::function<void()>> tasks;
    for (auto& [side, lane] : lanes) {
      if (distance <= side.length) tasks.emplace_back([&] { work(side, lane); });
    }
    backend_.tasks().run_independent(tasks, flops);
    return tasks.size();
  };
  // The way out begins with the middle's own R and S.
  const auto begin = [&](const Side& side, Lane& lane) {
    const bool has_opposite = side.is_left ? right_.length > 0 : left_.length > 0;
    const auto opposite = has_opposite ? inverse(side.ahead(middle_)) : ConstBlockView{};
    (void)invert_schur_complement(sequence_, backend_.blocks(), middle_,
                                  side.eliminated(nullptr, has_opposite ? &opposite : nullptr), lane.state.view());
  };
  summary.num_inversions += run(begin, 0, cubed(size));
  for (std::size_t distance = 1; distance <= std::max(left_.length, right_.length); ++distance) {
    throw_if_cancelled();
    const auto step_of = [&](const Side& side) { return side.step(side.length - distance); };
    summary.num_inversions +=
        2 * run([&](const Side& side, Lane& lane) { advance(side, step_of(side), lane); }, distance, 2.0 * cubed(size));
    for (auto& [side, lane] : lanes) {
      if (distance > side.length) continue;
      const std::size_t step = step_of(side);
      if (step == side.end) --summary.num_inversions;
      const auto stored = side.is_left && step > 0 ? inverse(step - 1) : ConstBlockView{};
      emit(step, std::as_const(lane.covariance).view(), side.is_left ? stored : std::as_const(lane.state).view());
      std::swap(lane.state, lane.next);
    }
  }
  summary.method = SelectedInverseMethod::two_sided;
  const auto cost = count_orders(sequence_);
  char text[120];
  std::snprintf(text, sizeof(text), "two sides, %zu covariance blocks; %.0f n^3 flops a lane against %.0f forward",
                sequence_.num_blocks(), cost.two_sided, cost.forward);
  summary.reason = text;
  return summary;
}

std::string TwoSidedFactor::description() const {
  return "two sides of " + std::to_string(left_.length) + " and " + std::to_string(right_.length) + " steps";
}

}  // namespace tramontana

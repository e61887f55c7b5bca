// SPDX-License-Identifier: Apache-2.0
#include "solver/two_sided_factor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <utility>

#include "kernels/coupling_kernels.hpp"
#include "solver/schur_step.hpp"

namespace tramontana {
namespace {

double cubed(std::size_t size) { return std::pow(static_cast<double>(size), 3); }

/** Runs `left` and `right` in two lanes. */
void run_lanes(const Backend& backend, std::function<void()> left, std::function<void()> right, double flops_each) {
  const std::array<std::function<void()>, 2> lanes{std::move(left), std::move(right)};
  backend.run_independent(lanes, flops_each);
}

}  // namespace

TwoSidedFactor::TwoSidedFactor(const BlockSequence& sequence, const Backend& backend,
                               const CancellationToken* cancellation)
    : sequence_(sequence),
      backend_(backend),
      cancellation_(cancellation),
      middle_(sequence.num_blocks() / 2),
      inverses_(sequence.num_blocks()) {
  const std::size_t size = sequence.block_size();
  double left = 0.0;
  double right = 0.0;
  run_lanes(
      backend, [&] { left = eliminate_left(); }, [&] { right = eliminate_right(); },
      cubed(size) * static_cast<double>(middle_));
  throw_if_cancelled();
  const auto before = inverse(middle_ - 1);
  const bool is_last = middle_ + 1 == inverses_.size();
  const auto after = is_last ? ConstMatrixView{} : inverse(middle_ + 1);
  auto& marginal = inverses_[middle_] = DenseMatrix(size, size);
  const double middle =
      invert_schur_complement(sequence, backend, middle_, {&before, is_last ? nullptr : &after}, marginal.view());
  log_determinant_ = left + right + middle;
}

double TwoSidedFactor::eliminate_left() {
  double sum = 0.0;
  for (std::size_t step = 0; step < middle_; ++step) {
    throw_if_cancelled();
    const auto before = step == 0 ? ConstMatrixView{} : inverse(step - 1);
    auto& block = inverses_[step] = DenseMatrix(sequence_.block_size(), sequence_.block_size());
    const Eliminated eliminated{.before = step == 0 ? nullptr : &before};
    sum += invert_schur_complement(sequence_, backend_, step, eliminated, block.view());
  }
  return sum;
}

double TwoSidedFactor::eliminate_right() {
  double sum = 0.0;
  for (std::size_t step = inverses_.size(); step-- > middle_ + 1;) {
    throw_if_cancelled();
    const bool is_last = step + 1 == inverses_.size();
    const auto after = is_last ? ConstMatrixView{} : inverse(step + 1);
    auto& block = inverses_[step] = DenseMatrix(sequence_.block_size(), sequence_.block_size());
    const Eliminated eliminated{.after = is_last ? nullptr : &after};
    sum += invert_schur_complement(sequence_, backend_, step, eliminated, block.view());
  }
  return sum;
}

void TwoSidedFactor::sweep_left_inward(BlockVector& b) const {
  // h_t = b_t - C_{t-1} S_{t-1}^-1 h_{t-1}; what reaches the middle is added by the caller, for both sides write there.
  DenseMatrix scaled(b.block_size(), b.num_columns());
  for (std::size_t step = 0; step + 1 < middle_; ++step) {
    backend_.symmetric_multiply(1.0, inverse(step), std::as_const(b).block(step), 0.0, scaled.view());
    add_coupled(backend_, -1.0, sequence_.coupling(step), Transpose::no, scaled.view(), b.block(step + 1));
  }
}

void TwoSidedFactor::sweep_right_inward(BlockVector& b) const {
  // h_t = b_t - C_t' R_{t+1}^-1 h_{t+1}.
  DenseMatrix scaled(b.block_size(), b.num_columns());
  for (std::size_t step = inverses_.size() - 1; step > middle_ + 1; --step) {
    backend_.symmetric_multiply(1.0, inverse(step), std::as_const(b).block(step), 0.0, scaled.view());
    add_coupled(backend_, -1.0, sequence_.coupling(step - 1), Transpose::yes, scaled.view(), b.block(step - 1));
  }
}

void TwoSidedFactor::sweep_left_outward(BlockVector& b) const {
  // x_t = S_t^-1 (h_t - C_t' x_{t+1}).
  DenseMatrix scaled(b.block_size(), b.num_columns());
  for (std::size_t step = middle_; step-- > 0;) {
    const auto block = b.block(step);
    add_coupled(backend_, -1.0, sequence_.coupling(step), Transpose::yes, std::as_const(b).block(step + 1), block);
    backend_.symmetric_multiply(1.0, inverse(step), block, 0.0, scaled.view());
    std::copy_n(scaled.data(), scaled.rows() * scaled.columns(), block.data);
  }
}

void TwoSidedFactor::sweep_right_outward(BlockVector& b) const {
  // x_t = R_t^-1 (h_t - C_{t-1} x_{t-1}).
  DenseMatrix scaled(b.block_size(), b.num_columns());
  for (std::size_t step = middle_ + 1; step < inverses_.size(); ++step) {
    const auto block = b.block(step);
    add_coupled(backend_, -1.0, sequence_.coupling(step - 1), Transpose::no, std::as_const(b).block(step - 1), block);
    backend_.symmetric_multiply(1.0, inverse(step), block, 0.0, scaled.view());
    std::copy_n(scaled.data(), scaled.rows() * scaled.columns(), block.data);
  }
}

void TwoSidedFactor::solve(BlockVector& b) const {
  const double n = static_cast<double>(b.block_size());
  const double flops = 2.0 * n * n * static_cast<double>(b.num_columns() * middle_);
  run_lanes(
      backend_, [&] { sweep_left_inward(b); }, [&] { sweep_right_inward(b); }, flops);
  DenseMatrix scaled(b.block_size(), b.num_columns());
  const auto middle = b.block(middle_);
  backend_.symmetric_multiply(1.0, inverse(middle_ - 1), std::as_const(b).block(middle_ - 1), 0.0, scaled.view());
  add_coupled(backend_, -1.0, sequence_.coupling(middle_ - 1), Transpose::no, scaled.view(), middle);
  if (middle_ + 1 < inverses_.size()) {
    backend_.symmetric_multiply(1.0, inverse(middle_ + 1), std::as_const(b).block(middle_ + 1), 0.0, scaled.view());
    add_coupled(backend_, -1.0, sequence_.coupling(middle_), Transpose::yes, scaled.view(), middle);
  }
  backend_.symmetric_multiply(1.0, inverse(middle_), middle, 0.0, scaled.view());
  std::copy_n(scaled.data(), scaled.rows() * scaled.columns(), middle.data);
  run_lanes(
      backend_, [&] { sweep_left_outward(b); }, [&] { sweep_right_outward(b); }, flops);
}

namespace {

/** One side on its way outward: the covariance of its present step, and the state of the other recursion. */
struct Lane {
  DenseMatrix covariance;
  DenseMatrix state;  ///< R_{t+1}^-1 on the left, S_{t-1}^-1 on the right of the present step
  DenseMatrix next;   ///< the same of the step after it
  explicit Lane(std::size_t size) : covariance(size, size), state(size, size), next(size, size) {}
};

}  // namespace

SelectedInverseSummary TwoSidedFactor::for_each_covariance(const CovarianceVisitor& visit,
                                                           CovarianceDetail /*detail*/) const {
  const std::size_t num_steps = inverses_.size();
  const std::size_t size = sequence_.block_size();
  SelectedInverseSummary summary;
  const auto emit = [&](std::size_t step, ConstMatrixView covariance, ConstMatrixView before) {
    const std::array<std::size_t, 1> steps{step};
    std::vector<CovarianceLink> links;
    if (step > 0) links.push_back({step, 1.0, covariance, before, &sequence_.coupling(step - 1)});
    visit({steps, covariance, links});
    ++summary.num_groups;
  };
  emit(middle_, inverse(middle_), inverse(middle_ - 1));

  Lane left(size);
  Lane right(size);
  const auto invert = [&](std::size_t step, const ConstMatrixView* before, const ConstMatrixView* after,
                          DenseMatrix& out) {
    (void)invert_schur_complement(sequence_, backend_, step, {before, after}, out.view());
  };
  // A step of the left side, and R of it for the next one; Sigma_1 = R_1^-1 is both.
  const auto left_step = [&](std::size_t step) {
    const auto after = std::as_const(left.state).view();
    if (step == 0) return invert(0, nullptr, &after, left.covariance);
    const auto before = inverse(step - 1);
    invert(step, &before, &after, left.covariance);
    invert(step, nullptr, &after, left.next);
  };
  const auto right_step = [&](std::size_t step) {
    const auto before = std::as_const(right.state).view();
    if (step + 1 == num_steps) return invert(step, &before, nullptr, right.covariance);
    const auto after = inverse(step + 1);
    invert(step, &before, &after, right.covariance);
    invert(step, &before, nullptr, right.next);
  };
  const std::size_t num_right = num_steps - 1 - middle_;
  const bool has_right = num_right > 0;
  throw_if_cancelled();
  {
    // The way out begins with the middle's own R and S.
    std::vector<std::function<void()>> lanes;
    const auto after = has_right ? inverse(middle_ + 1) : ConstMatrixView{};
    const auto before = inverse(middle_ - 1);
    lanes.emplace_back([&] { invert(middle_, nullptr, has_right ? &after : nullptr, left.state); });
    if (has_right) lanes.emplace_back([&] { invert(middle_, &before, nullptr, right.state); });
    backend_.run_independent(lanes, cubed(size));
    summary.num_inversions += lanes.size();
  }
  for (std::size_t distance = 1; distance <= middle_; ++distance) {
    throw_if_cancelled();
    const std::size_t left_at = middle_ - distance;
    const std::size_t right_at = middle_ + distance;
    std::vector<std::function<void()>> lanes;
    lanes.emplace_back([&] { left_step(left_at); });
    if (distance <= num_right) lanes.emplace_back([&] { right_step(right_at); });
    backend_.run_independent(lanes, 2.0 * cubed(size));
    summary.num_inversions += 2 * lanes.size() - (left_at == 0 ? 1 : 0) - (right_at + 1 == num_steps ? 1 : 0);
    emit(left_at, left.covariance.view(), left_at == 0 ? ConstMatrixView{} : inverse(left_at - 1));
    std::swap(left.state, left.next);
    if (distance > num_right) continue;
    emit(right_at, right.covariance.view(), right.state.view());
    std::swap(right.state, right.next);
  }
  summary.method = SelectedInverseMethod::two_sided;
  summary.reason = "two sides, " + std::to_string(summary.num_groups) + " covariance blocks";
  const auto cost = count_orders(sequence_);
  char text[80];
  std::snprintf(text, sizeof(text), "; %.0f n^3 flops a lane against %.0f forward", cost.two_sided, cost.forward);
  summary.reason += text;
  return summary;
}

std::string TwoSidedFactor::description() const {
  return "two sides of " + std::to_string(middle_) + " and " + std::to_string(inverses_.size() - 1 - middle_) +
         " steps";
}

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

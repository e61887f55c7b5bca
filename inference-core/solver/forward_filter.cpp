// SPDX-License-Identifier: Apache-2.0
#include "solver/forward_filter.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/coupling_kernels.hpp"

namespace tramontana {

bool SteadyStateDetector::observe(ConstMatrixView inverse) {
  if (tolerance_ <= 0.0) return false;
  std::vector<double> diagonal(inverse.rows);
  for (std::size_t i = 0; i < inverse.rows; ++i) diagonal[i] = inverse(i, i);
  if (previous_.empty()) {
    previous_ = std::move(diagonal);
    return false;
  }
  double change = 0.0;
  for (std::size_t i = 0; i < diagonal.size(); ++i) {
    change = std::max(change, std::abs(diagonal[i] - previous_[i]) / std::abs(diagonal[i]));
  }
  // The changes fall like r^t; what is left after this step is change * r / (1 - r). Rounding can make the observed
  // ratio meaningless near the end, hence the clamp.
  const double ratio = change_ > 0.0 ? std::clamp(change / change_, 0.0, 0.95) : 0.95;
  previous_ = std::move(diagonal);
  change_ = change;
  return change * ratio / (1.0 - ratio) <= tolerance_;
}

double invert_or_throw(const Backend& backend, MatrixView block, std::size_t step, const char* what) {
  const auto outcome = backend.invert_positive_definite(block);
  if (outcome.failure) {
    throw NotPositiveDefinite(std::string("The ") + what + " of time step " + std::to_string(step) +
                                  " is not positive definite: expected a positive pivot, found " +
                                  std::to_string(outcome.failure->value) + " at pivot " +
                                  std::to_string(outcome.failure->pivot) + ".",
                              {{"block", static_cast<std::int64_t>(step)},
                               {"pivot", static_cast<std::int64_t>(outcome.failure->pivot)},
                               {"pivotValue", outcome.failure->value}});
  }
  return outcome.log_determinant;
}

ForwardFilter::ForwardFilter(const BlockSequence& sequence, const Backend& backend, const RecursionOptions& options,
                             const CancellationToken* cancellation)
    : state_of_step_(sequence.num_blocks()), steady_from_(sequence.num_blocks()) {
  SteadyStateDetector detector(options.steady_state_tolerance);
  const std::size_t size = sequence.block_size();
  for (std::size_t step = 0; step < sequence.num_blocks(); ++step) {
    if (cancellation != nullptr) cancellation->throw_if_cancelled();
    const int tag = sequence.diagonal_tag(step);
    const int coupling_tag = step == 0 ? -1 : sequence.coupling_tag(step - 1);
    const int previous = step == 0 ? -1 : state_of_step_[step - 1];
    int state = find(tag, coupling_tag, previous);
    if (state < 0) {
      DenseMatrix block(size, size);
      sequence.assemble_diagonal(step, block.view());
      if (step > 0) {
        subtract_coupled_congruence(backend, sequence.coupling(step - 1), Transpose::no, inverse(step - 1),
                                    block.view());
      }
      const double log_determinant = invert_or_throw(backend, block.view(), step, "Schur complement");
      state = static_cast<int>(states_.size());
      states_.push_back({std::move(block), log_determinant});
      transitions_.emplace(Key{tag, coupling_tag, previous}, state);
      const bool equal_step =
          step > 1 && tag == sequence.diagonal_tag(step - 1) && coupling_tag == sequence.coupling_tag(step - 2);
      if (!equal_step) detector.reset();
      if (detector.observe(states_.back().inverse.view())) {
        transitions_.emplace(Key{tag, coupling_tag, state}, state);
        if (steady_from_ == sequence.num_blocks()) steady_from_ = step;
      }
    }
    state_of_step_[step] = state;
    log_determinant_ += states_[static_cast<std::size_t>(state)].log_determinant;
  }
}

int ForwardFilter::find(int diagonal_tag, int coupling_tag, int previous) const {
  const auto found = transitions_.find(Key{diagonal_tag, coupling_tag, previous});
  return found == transitions_.end() ? -1 : found->second;
}

std::string ForwardFilter::description() const {
  const std::size_t num_steps = state_of_step_.size();
  auto text = std::to_string(states_.size()) + " of " + std::to_string(num_steps) +
              (num_steps == 1 ? " step distinct" : " steps distinct");
  if (steady_from_ < num_steps) text += ", steady from step " + std::to_string(steady_from_ + 1);
  return text;
}

void ForwardFilter::solve(const BlockSequence& sequence, const Backend& backend, BlockVector& b) const {
  const std::size_t num_steps = sequence.num_blocks();
  DenseMatrix scaled(b.block_size(), b.num_columns());
  // Forward: h_t = b_t - C_{t-1} S_{t-1}^-1 h_{t-1}.
  for (std::size_t step = 0; step + 1 < num_steps; ++step) {
    backend.symmetric_multiply(1.0, inverse(step), b.block(step), 0.0, scaled.view());
    add_coupled(backend, -1.0, sequence.coupling(step), Transpose::no, scaled.view(), b.block(step + 1));
  }
  // Backward: x_t = S_t^-1 (h_t - C_t' x_{t+1}).
  for (std::size_t step = num_steps; step-- > 0;) {
    auto block = b.block(step);
    if (step + 1 < num_steps) {
      add_coupled(backend, -1.0, sequence.coupling(step), Transpose::yes, b.block(step + 1), block);
    }
    backend.symmetric_multiply(1.0, inverse(step), block, 0.0, scaled.view());
    std::copy_n(scaled.data(), scaled.rows() * scaled.columns(), block.data);
  }
}

}  // namespace tramontana

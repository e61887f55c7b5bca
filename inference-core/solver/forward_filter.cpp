// SPDX-License-Identifier: Apache-2.0
#include "solver/forward_filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "kernels/coupling_kernels.hpp"
#include "solver/schur_step.hpp"

namespace tramontana {

ForwardFilter::ForwardFilter(const BlockSequence& sequence, const Backend& backend, const RecursionOptions& options,
                             const CancellationToken* cancellation)
    : state_of_step_(sequence.num_blocks()), steady_from_(sequence.num_blocks()) {
  SteadyStateDetector detector(options.steady_state_tolerance);
  const std::size_t size = sequence.block_size();
  const auto run = longest_run(sequence);
  for (std::size_t step = 0; step < sequence.num_blocks(); ++step) {
    if (cancellation != nullptr) cancellation->throw_if_cancelled();
    if (run && step == run->first && shorten(sequence, *run, backend, options, cancellation)) {
      std::fill(state_of_step_.begin() + static_cast<std::ptrdiff_t>(run->first),
                state_of_step_.begin() + static_cast<std::ptrdiff_t>(run->last) + 1, long_run_->state);
      log_determinant_ += long_run_->log_determinant;
      step = run->last;
      continue;
    }
    const int tag = sequence.diagonal_tag(step);
    const int coupling_tag = step == 0 ? -1 : sequence.coupling_tag(step - 1);
    const int previous = step == 0 ? -1 : state_of_step_[step - 1];
    int state = find(tag, coupling_tag, previous);
    if (state < 0) {
      auto block = backend.blocks().allocate(size, size);
      const auto before = step > 0 ? inverse(step - 1) : ConstBlockView{};
      const Eliminated eliminated{.before = step > 0 ? &before : nullptr};
      const double log_determinant =
          invert_schur_complement(sequence, backend.blocks(), step, eliminated, block.view());
      state = add_state({tag, coupling_tag, previous}, std::move(block), log_determinant);
      const bool equal_step =
          step > 1 && tag == sequence.diagonal_tag(step - 1) && coupling_tag == sequence.coupling_tag(step - 2);
      if (!equal_step) detector.reset();
      if (detector.observe(backend.blocks().diagonal(states_.back().inverse.view()))) {
        transitions_.emplace(Key{tag, coupling_tag, state}, state);
        if (steady_from_ == sequence.num_blocks()) steady_from_ = step;
      }
    }
    state_of_step_[step] = state;
    log_determinant_ += states_[static_cast<std::size_t>(state)].log_determinant;
  }
}

int ForwardFilter::add_state(const Key& key, Block inverse, double log_determinant) {
  const int state = static_cast<int>(states_.size());
  states_.push_back({std::move(inverse), log_determinant});
  transitions_.emplace(key, state);
  return state;
}

bool ForwardFilter::shorten(const BlockSequence& sequence, const EqualSteps& run, const Backend& backend,
                            const RecursionOptions& options, const CancellationToken* cancellation) {
  if (!doubling_pays(sequence, run, inverse(run.first - 1), backend, options)) return false;
  std::optional<FixedPoint> found;
  try {
    found = fixed_point(sequence, run, options.steady_state_tolerance, backend, cancellation);
  } catch (const NotPositiveDefinite&) {
    // An interior that is only just definite: the recursion itself decides whether the whole matrix is.
    return false;
  }
  if (!found) return false;
  auto& point = *found;
  const auto& coupling = sequence.coupling(run.first);
  // V = R - C S^-1 C with R = D - C R^-1 C.
  const std::size_t size = sequence.block_size();
  auto marginal = backend.blocks().allocate(size, size);
  const std::array<Congruence, 2> eliminated{Congruence{-1.0, &coupling, Transpose::no, point.inverse.view()},
                                             Congruence{-1.0, &coupling, Transpose::no, inverse(run.first - 1)}};
  backend.blocks().assemble(sequence.diagonal_terms(run.first), eliminated, marginal.view());
  const double log_determinant_first =
      invert_or_throw(backend.blocks(), marginal.view(), run.first, "marginal precision");
  // The state is its own successor; the way into the run is not a transition of the recursion.
  const int tag = sequence.diagonal_tag(run.first);
  const int coupling_tag = sequence.coupling_tag(run.first);
  const int state = static_cast<int>(states_.size());
  long_run_ = LongRun{
      run,
      state,
      std::move(point.covariance),
      std::move(marginal),
      static_cast<double>(run.count()) * point.log_determinant + log_determinant_first - point.log_determinant_marginal,
      point.rate,
      point.steps_to_converge};
  (void)add_state({tag, coupling_tag, state}, std::move(point.inverse), point.log_determinant);
  return true;
}

int ForwardFilter::find(int diagonal_tag, int coupling_tag, int previous) const {
  const auto found = transitions_.find(Key{diagonal_tag, coupling_tag, previous});
  return found == transitions_.end() ? -1 : found->second;
}

std::string ForwardFilter::description() const {
  const std::size_t num_steps = state_of_step_.size();
  auto text = std::to_string(states_.size()) + " of " + std::to_string(num_steps) +
              (num_steps == 1 ? " step distinct" : " steps distinct");
  if (long_run_) {
    text += ", steps " + std::to_string(long_run_->steps.first + 1) + " to " +
            std::to_string(long_run_->steps.last + 1) + " by doubling for " +
            std::to_string(std::lround(long_run_->steps_to_converge)) + " steps to the steady state";
  } else if (steady_from_ < num_steps) {
    text += ", steady from step " + std::to_string(steady_from_ + 1);
  }
  return text;
}

void ForwardFilter::solve(const BlockSequence& sequence, const Backend& backend, BlockVector& b) const {
  sweep(sequence, backend, 0, b);
  if (!long_run_) return;
  // The sweeps solve Q~ x~ = b with S_first = R; Q = Q~ + E (S_first - R) E' for the first step of the run, and
  // V = G + S_first - R. Hence x = x~ - Q~^-1 E (S_first - R) x_first with x_first = x~ - V^-1 (S_first - R) x~.
  const std::size_t first = long_run_->steps.first;
  const auto found = std::as_const(b).block(first);
  auto deviation = DenseMatrix::zero(b.block_size(), b.num_columns());
  add_deviation(sequence, backend, found, deviation.view());
  DenseMatrix at_first(b.block_size(), b.num_columns());
  for (std::size_t j = 0; j < found.columns; ++j) std::copy_n(found.column(j), found.rows, at_first.view().column(j));
  backend.blocks().symmetric_multiply(-1.0, long_run_->first_covariance.view(), std::as_const(deviation).view(), 1.0,
                                      at_first.view());
  BlockVector correction(b.num_blocks(), b.block_size(), b.num_columns());
  add_deviation(sequence, backend, std::as_const(at_first).view(), correction.block(first));
  sweep(sequence, backend, first, correction);
  for (std::size_t step = 0; step < b.num_blocks(); ++step) {
    const auto from = std::as_const(correction).block(step);
    const auto to = b.block(step);
    for (std::size_t j = 0; j < to.columns; ++j) {
      for (std::size_t i = 0; i < to.rows; ++i) to(i, j) -= from(i, j);
    }
  }
}

void ForwardFilter::add_deviation(const BlockSequence& sequence, const Backend& backend, ConstMatrixView y,
                                  MatrixView x) const {
  const std::size_t first = long_run_->steps.first;
  const auto& coupling = sequence.coupling(first - 1);
  auto coupled = DenseMatrix::zero(y.rows, y.columns);
  add_coupled(backend.blocks(), 1.0, coupling, Transpose::no, y, coupled.view());
  DenseMatrix product(y.rows, y.columns);
  backend.blocks().symmetric_multiply(1.0, inverse(first), std::as_const(coupled).view(), 0.0, product.view());
  backend.blocks().symmetric_multiply(-1.0, inverse(first - 1), std::as_const(coupled).view(), 1.0, product.view());
  add_coupled(backend.blocks(), 1.0, coupling, Transpose::no, std::as_const(product).view(), x);
}

void ForwardFilter::sweep(const BlockSequence& sequence, const Backend& backend, std::size_t first,
                          BlockVector& b) const {
  const std::size_t num_steps = sequence.num_blocks();
  DenseMatrix scaled(b.block_size(), b.num_columns());
  // Forward: h_t = b_t - C_{t-1} S_{t-1}^-1 h_{t-1}.
  for (std::size_t step = first; step + 1 < num_steps; ++step) {
    backend.blocks().symmetric_multiply(1.0, inverse(step), b.block(step), 0.0, scaled.view());
    add_coupled(backend.blocks(), -1.0, sequence.coupling(step), Transpose::no, scaled.view(), b.block(step + 1));
  }
  // Backward: x_t = S_t^-1 (h_t - C_t' x_{t+1}).
  for (std::size_t step = num_steps; step-- > 0;) {
    auto block = b.block(step);
    if (step + 1 < num_steps) {
      add_coupled(backend.blocks(), -1.0, sequence.coupling(step), Transpose::yes, b.block(step + 1), block);
    }
    backend.blocks().symmetric_multiply(1.0, inverse(step), block, 0.0, scaled.view());
    std::copy_n(scaled.data(), scaled.rows() * scaled.columns(), block.data);
  }
}

}  // namespace tramontana

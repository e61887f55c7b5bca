// SPDX-License-Identifier: Apache-2.0
#include "solver/backward_filter.hpp"

#include "solver/schur_step.hpp"

namespace tramontana {

BackwardFilter::BackwardFilter(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend,
                               const RecursionOptions& options)
    : sequence_(sequence),
      filter_(filter),
      backend_(backend),
      detector_(options.steady_state_tolerance),
      borrowed_from_(sequence.num_blocks()),
      borrowed_(sequence.num_blocks(), -1),
      next_own_state_(static_cast<int>(filter.num_distinct())) {
  if (!sequence.couplings_are_symmetric()) return;
  while (borrowed_from_ > 0) {
    const std::size_t step = borrowed_from_ - 1;
    const bool is_last = step + 1 == sequence.num_blocks();
    const int found = filter.is_in_long_run(step)
                          ? filter.long_run()->state
                          : filter.find(sequence.diagonal_tag(step), is_last ? -1 : sequence.coupling_tag(step),
                                        is_last ? -1 : borrowed_[step + 1]);
    if (found < 0) return;
    borrowed_[step] = state_ = found;
    inverse_ = filter.state_inverse(found);
    borrowed_from_ = step;
  }
}

std::function<void()> BackwardFilter::prepare(std::size_t step) {
  const bool is_last = step + 1 == sequence_.num_blocks();
  tags_ = {sequence_.diagonal_tag(step), is_last ? -1 : sequence_.coupling_tag(step)};
  in_run_ = filter_.is_in_long_run(step);
  is_new_ = !in_run_ && !(steady_ && steady_tags_ == tags_);
  if (!is_new_) return {};
  return [this, step, is_last] {
    next_ = backend_.blocks().allocate(sequence_.block_size(), sequence_.block_size());
    const Eliminated eliminated{.after = is_last ? nullptr : &inverse_};
    invert_schur_complement(sequence_, backend_.blocks(), step, eliminated, next_.view());
  };
}

void BackwardFilter::commit() {
  if (in_run_) {
    state_ = filter_.long_run()->state;
    inverse_ = filter_.state_inverse(state_);
    detector_.reset();
    steady_ = false;
  } else if (is_new_) {
    own_ = std::move(next_);
    inverse_ = std::as_const(own_).view();
    state_ = next_own_state_++;
    if (steady_tags_ != tags_) detector_.reset();
    steady_ = detector_.observe(backend_.blocks().diagonal(inverse_));
  }
  steady_tags_ = tags_;
}

}  // namespace tramontana

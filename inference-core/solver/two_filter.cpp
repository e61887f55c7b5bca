// SPDX-License-Identifier: Apache-2.0
#include "solver/two_filter.hpp"

#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "solver/backward_filter.hpp"
#include "solver/schur_step.hpp"

namespace tramontana {
namespace {

Side left_side(const BlockSequence& sequence, const ForwardFilter& filter, std::size_t step) {
  if (step == 0) return {-1, -1};
  return {sequence.coupling_tag(step - 1), filter.state_of(step - 1)};
}

}  // namespace

MirroredGroups mirrored_groups(const BlockSequence& sequence, const ForwardFilter& filter,
                               const BackwardFilter& backward) {
  MirroredGroups groups;
  const std::size_t num_steps = sequence.num_blocks();
  const std::size_t first = backward.borrowed_from() == 0 ? 0 : backward.borrowed_from() - 1;
  for (std::size_t step = num_steps; step-- > first;) {
    if (filter.is_in_long_run(step)) continue;
    const Side left = left_side(sequence, filter, step);
    const Side right =
        step + 1 == num_steps ? Side{-1, -1} : Side{sequence.coupling_tag(step), backward.borrowed_state(step + 1)};
    const bool swap = sequence.couplings_are_symmetric() && right < left;
    groups[{sequence.diagonal_tag(step), swap ? right : left, swap ? left : right}].push_back(step);
  }
  return groups;
}

namespace {

class TwoFilter {
 public:
  TwoFilter(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend,
            const RecursionOptions& options, const CancellationToken* cancellation, const CovarianceVisitor& visit)
      : sequence_(sequence),
        filter_(filter),
        backend_(backend),
        cancellation_(cancellation),
        groups_(sequence, filter, visit),
        backward_(sequence, filter, backend, options),
        inversion_flops_(std::pow(static_cast<double>(sequence.block_size()), 3)) {}

  SelectedInverseSummary run() {
    run_mirrored();
    run_own();
    run_long();
    summary_.method = SelectedInverseMethod::two_filter;
    summary_.num_groups = groups_.num_groups();
    return summary_;
  }

 private:
  [[nodiscard]] Block new_block() const {
    return backend_.blocks().allocate(sequence_.block_size(), sequence_.block_size());
  }

  /** Both sides are at hand for all these covariances: they are independent, and run two at a time. */
  void run_mirrored() {
    const auto groups = mirrored_groups(sequence_, filter_, backward_);
    struct Pending {
      const std::vector<std::size_t>* steps;
      Block covariance;
    };
    std::vector<Pending> pending;
    const auto flush = [&] {
      std::vector<std::function<void()>> tasks;
      for (auto& item : pending) tasks.emplace_back([&] { compute(item.steps->front(), item.covariance); });
      backend_.tasks().run_independent(tasks, inversion_flops_);
      summary_.num_inversions += tasks.size();
      for (const auto& item : pending) emit(*item.steps, item.covariance.view());
      pending.clear();
    };
    for (const auto& [key, steps] : groups) {
      if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
      const std::size_t step = steps.front();
      if (step + 1 == sequence_.num_blocks()) {
        emit(steps, filter_.inverse(step));
      } else if (step == 0) {
        emit(steps, filter_.state_inverse(backward_.borrowed_state(0)));
      } else {
        pending.push_back({&steps, new_block()});
        if (pending.size() == 2) flush();
      }
    }
    if (!pending.empty()) flush();
  }

  void emit(std::span<const std::size_t> steps, ConstBlockView covariance) {
    const auto* run = filter_.long_run();
    for (const auto step : steps) {
      if (run != nullptr && (step + 1 == run->steps.first || step == run->steps.last + 1)) add_end_of_run(covariance);
    }
    groups_.emit(steps, covariance);
  }

  /** Sums Sigma of the two steps beside the long run. */
  void add_end_of_run(ConstBlockView covariance) {
    const double is_known = ends_of_run_.empty() ? 0.0 : 1.0;
    if (ends_of_run_.empty()) ends_of_run_ = new_block();
    backend_.blocks().add_scaled(Transpose::no, 1.0, covariance, is_known, ends_of_run_.view());
  }

  /**
   * The mean over the long run. With Delta_a, Delta_b = Sigma - G^-1 of the steps before and after it and
   * T(M) = sum_i F^i M F'^i, the covariances of its L steps sum to L G^-1 + T(Delta_a + Delta_b) - Delta_a - Delta_b.
   * Its couplings to the steps before sum to Sigma_{t+1,t} = F Sigma_t of the same, and Delta_a, which goes with the
   * step before the run.
   */
  void run_long() {
    const auto* run = filter_.long_run();
    if (run == nullptr) return;
    const auto& kernels = backend_.blocks();
    const auto count = static_cast<double>(run->steps.count());
    const auto limit = run->covariance.view();
    const auto deviation = ends_of_run_.view();
    kernels.add_scaled(Transpose::no, -2.0, limit, 1.0, deviation);
    auto mean = new_block();
    kernels.copy(limit, mean.view());
    kernels.add_scaled(Transpose::no, -1.0 / count, deviation, 1.0, mean.view());
    const auto* coupling = &sequence_.coupling(run->steps.first);
    const auto inverse = filter_.state_inverse(run->state);
    sum_decaying(kernels, *coupling, inverse, run->rate, deviation);
    kernels.add_scaled(Transpose::no, 1.0 / count, deviation, 1.0, mean.view());
    std::vector<std::size_t> steps(run->steps.count());
    std::iota(steps.begin(), steps.end(), run->steps.first);
    const std::array<CovarianceLink, 2> links{
        CovarianceLink{run->steps.first, count, std::as_const(mean).view(), inverse, coupling},
        CovarianceLink{run->steps.first, -1.0, limit, inverse, coupling}};
    groups_.emit(steps, std::as_const(mean).view(), links);
  }

  /** Covariance of a step whose right side is a state of the forward filter. */
  void compute(std::size_t step, Block& covariance) const {
    invert_marginal(step, filter_.state_inverse(backward_.borrowed_state(step + 1)), covariance);
  }

  void invert_marginal(std::size_t step, ConstBlockView right_inverse, Block& covariance) const {
    const auto before = step > 0 ? filter_.inverse(step - 1) : ConstBlockView{};
    const Eliminated eliminated{step > 0 ? &before : nullptr, &right_inverse};
    invert_schur_complement(sequence_, backend_.blocks(), step, eliminated, covariance.view());
  }

  /** The steps before: R_{t+1} serves both Sigma_t and R_t, which are independent and run side by side. */
  void run_own() {
    const std::size_t first_own = backward_.borrowed_from();
    if (first_own < 2) return;
    if (const auto work = backward_.prepare(first_own - 1)) {
      work();
      ++summary_.num_inversions;
    }
    backward_.commit();
    auto covariance = new_block();
    std::vector<std::size_t> steps;
    std::array<int, 5> key{-3, -3, -3, -3, -3};
    for (std::size_t step = first_own - 1; step-- > 0;) {
      if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
      if (filter_.is_in_long_run(step)) {
        (void)backward_.prepare(step);
        backward_.commit();
        continue;
      }
      const auto [left_tag, left_state] = left_side(sequence_, filter_, step);
      const std::array<int, 5> step_key{sequence_.diagonal_tag(step), left_tag, left_state,
                                        sequence_.coupling_tag(step), backward_.state()};
      std::vector<std::function<void()>> tasks;
      if (step_key != key) {
        if (!steps.empty()) emit(steps, std::as_const(covariance).view());
        steps.clear();
        tasks.emplace_back([&, step] { invert_marginal(step, backward_.inverse(), covariance); });
        key = step_key;
      }
      if (step > 0) {
        if (auto work = backward_.prepare(step)) tasks.push_back(std::move(work));
      }
      backend_.tasks().run_independent(tasks, inversion_flops_);
      summary_.num_inversions += tasks.size();
      if (step > 0) backward_.commit();
      steps.push_back(step);
    }
    if (!steps.empty()) emit(steps, std::as_const(covariance).view());
  }

  const BlockSequence& sequence_;
  const ForwardFilter& filter_;
  const Backend& backend_;
  const CancellationToken* cancellation_;
  StepCovariances groups_;
  BackwardFilter backward_;
  double inversion_flops_;
  Block ends_of_run_;
  SelectedInverseSummary summary_;
};

}  // namespace

SelectedInverseSummary run_two_filter(const BlockSequence& sequence, const ForwardFilter& filter,
                                      const Backend& backend, const RecursionOptions& options,
                                      const CancellationToken* cancellation, const CovarianceVisitor& visit) {
  return TwoFilter(sequence, filter, backend, options, cancellation, visit).run();
}

}  // namespace tramontana

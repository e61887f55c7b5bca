// SPDX-License-Identifier: Apache-2.0
#include "solver/long_run.hpp"

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "solver/coupled_spectrum.hpp"
#include "solver/inversion.hpp"

namespace tramontana {
namespace {

/** Shorter runs are not worth the look. */
constexpr std::size_t shortest_run = 10;
/** Rate of an inversion as a part of that of gemm, measured 0.70 to 0.85. */
constexpr double inversion_rate = 0.75;
/** What doubling takes beyond its counted flops, for its passes over blocks: measured at n = 400 to 1000. */
constexpr double doubling_overhead = 1.2;
/** A Ritz value is a little short of the eigenvalue; more of the run than that must be left. */
constexpr double length_margin = 1.1;

/** Lower triangle of a <- (a + b)/2. */
void average(const BlockKernels& kernels, Block& a, const Block& b) {
  kernels.add_scaled(Transpose::no, 0.5, b.view(), 0.5, a.view());
}

/** Largest relative difference of two diagonals. */
double gap_of(const std::vector<double>& large, const std::vector<double>& small) {
  double gap = 0.0;
  for (std::size_t i = 0; i < large.size(); ++i) {
    gap = std::max(gap, std::abs(large[i] - small[i]) / std::abs(large[i]));
  }
  return gap;
}

}  // namespace

std::optional<EqualSteps> longest_run(const BlockSequence& sequence) {
  std::optional<EqualSteps> longest;
  const std::size_t num_steps = sequence.num_blocks();
  std::size_t first = 1;
  for (std::size_t step = 1; step + 1 < num_steps; ++step) {
    const bool alike = sequence.coupling_tag(step) == sequence.coupling_tag(step - 1);
    if (!alike) {
      first = step + 1;
      continue;
    }
    if (step > first && sequence.diagonal_tag(step) != sequence.diagonal_tag(step - 1)) first = step;
    if (!longest || step - first + 1 > longest->count()) longest = EqualSteps{first, step};
  }
  return longest;
}

std::optional<FixedPoint> fixed_point(const BlockSequence& sequence, const EqualSteps& run, double tolerance,
                                      const Backend& backend, const CancellationToken* cancellation) {
  const std::size_t size = sequence.block_size();
  const std::size_t step = run.first;
  const auto& coupling = sequence.coupling(step);
  const double inversion_flops = std::pow(static_cast<double>(size), 3);
  constexpr int max_iterations = 40;
  const auto& kernels = backend.blocks();
  const auto terms = sequence.diagonal_terms(step);
  const auto copy_of = [&](const Block& block) {
    auto copy = kernels.allocate(size, size);
    kernels.copy(block.view(), copy.view());
    return copy;
  };
  auto a = kernels.allocate(size, size);
  kernels.assemble(terms, {}, a.view());
  auto a_inverse = copy_of(a);
  double log_determinant = invert_or_throw(kernels, a_inverse.view(), step, "diagonal block");
  const double kappa = 1.0 / KrylovSpace(backend, a_inverse.view(), coupling_scale(coupling)).largest();
  FixedPoint result;
  result.steps_to_converge = steps_to_converge(kappa, tolerance);
  if (!(length_margin * result.steps_to_converge < static_cast<double>(run.count()))) return std::nullopt;
  result.rate = std::exp(-std::acosh(0.5 * kappa));
  auto b = kernels.allocate(size, size);
  kernels.assemble(terms, std::array{Congruence{-4.0, &coupling, Transpose::no, a_inverse.view()}}, b.view());
  auto b_inverse = copy_of(b);
  log_determinant += invert_or_throw(kernels, b_inverse.view(), step, "doubled marginal precision");
  result.log_determinant_marginal = 0.5 * log_determinant;
  for (int iteration = 0;; ++iteration) {
    // With gap g = (A - B)/A both means that follow are right to g^2/8.
    const double gap = std::max(gap_of(kernels.diagonal(a.view()), kernels.diagonal(b.view())),
                                gap_of(kernels.diagonal(b_inverse.view()), kernels.diagonal(a_inverse.view())));
    average(kernels, a, b);
    average(kernels, b_inverse, a_inverse);
    if (gap < 1e-7) break;
    if (cancellation != nullptr) cancellation->throw_if_cancelled();
    if (iteration == max_iterations || !std::isfinite(gap)) {
      throw NotPositiveDefinite("The fixed point of the recursion at time step " + std::to_string(step) +
                                    " was not found: expected a gap below 1e-7, found " + std::to_string(gap) + ".",
                                {{"block", static_cast<std::int64_t>(step)}});
    }
    kernels.copy(a.view(), a_inverse.view());
    kernels.copy(b_inverse.view(), b.view());
    const std::array<std::function<void()>, 2> tasks{
        [&] { (void)invert_or_throw(kernels, a_inverse.view(), step, "arithmetic mean"); },
        [&] { (void)invert_or_throw(kernels, b.view(), step, "harmonic mean"); }};
    backend.tasks().run_independent(tasks, inversion_flops);
  }
  // R = (D + G)/2.
  kernels.assemble(terms, {}, a_inverse.view());
  average(kernels, a, a_inverse);
  result.log_determinant = invert_or_throw(kernels, a.view(), step, "fixed point of the recursion");
  result.inverse = std::move(a);
  result.covariance = std::move(b_inverse);
  return result;
}

bool doubling_pays(const BlockSequence& sequence, const EqualSteps& run, ConstBlockView previous_inverse,
                   const Backend& backend, const RecursionOptions& options) {
  using Doubling = RecursionOptions::Doubling;
  if (options.doubling == Doubling::never || options.steady_state_tolerance <= 0.0) return false;
  if (run.count() < shortest_run || !sequence.couplings_are_symmetric()) return false;
  auto scale = coupling_scale(sequence.coupling(run.first));
  if (scale.empty()) return false;
  if (options.doubling == Doubling::always) return true;
  auto diagonal = backend.blocks().allocate(sequence.block_size(), sequence.block_size());
  backend.blocks().assemble(sequence.diagonal_terms(run.first), {}, diagonal.view());
  const KrylovSpace slow(backend, previous_inverse, std::move(scale));
  const double steps = steps_to_converge(slow.smallest_of(diagonal.view()), options.steady_state_tolerance);
  const auto length = static_cast<double>(run.count());
  if (!(length_margin * steps < length)) return false;
  // A gap below 1e-7 takes 1.2 k steps, a remainder of 1e-16 of the sum 1.2 k terms.
  const double doublings = std::max(1.0, std::ceil(std::log2(1.2 * steps)));
  const double by_doubling = (2.0 * doublings + 2.0) / inversion_rate + 4.0 * doublings - 1.0;
  const double plain = (steps + std::min(steps, 0.5 * length)) / inversion_rate;
  return doubling_overhead * by_doubling < plain;
}

void sum_decaying(const BlockKernels& kernels, const Coupling& coupling, ConstBlockView inverse, double rate,
                  BlockView m) {
  const auto scale = coupling_scale(coupling);
  const std::size_t n = m.rows();
  // f = s R^-1 s is symmetric and similar to |F|; its powers are symmetric too. The sum is kept as s m s.
  auto power = kernels.allocate(n, n);
  kernels.copy(inverse, power.view());
  kernels.scale_congruence(scale, power.view());
  kernels.mirror(power.view());
  kernels.scale_congruence(scale, m);
  auto product = kernels.allocate(n, n);
  // The terms left out after this many are below rate^(2 count) of the first.
  for (double remainder = std::pow(rate, 2.0 / length_margin);; remainder *= remainder) {
    kernels.symmetric_multiply(1.0, m, power.view(), 0.0, product.view());
    // power is symmetric: power * (sum * power).
    kernels.symmetric_result_multiply(Transpose::no, 1.0, power.view(), product.view(), 1.0, m);
    if (remainder * remainder < 1e-16) break;
    kernels.symmetric_result_multiply(Transpose::no, 1.0, power.view(), power.view(), 0.0, product.view());
    std::swap(power, product);
    kernels.mirror(power.view());
  }
  std::vector<double> inverse_scale(n);
  for (std::size_t i = 0; i < n; ++i) inverse_scale[i] = 1.0 / scale[i];
  kernels.scale_congruence(inverse_scale, m);
}

}  // namespace tramontana

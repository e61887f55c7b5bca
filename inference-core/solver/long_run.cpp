// SPDX-License-Identifier: Apache-2.0
#include "solver/long_run.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "kernels/coupling_kernels.hpp"
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
void average(DenseMatrix& a, const DenseMatrix& b) {
  for (std::size_t j = 0; j < a.columns(); ++j) {
    for (std::size_t i = j; i < a.rows(); ++i) a(i, j) = 0.5 * (a(i, j) + b(i, j));
  }
}

/** Largest relative difference on the diagonal. */
double diagonal_gap(const DenseMatrix& large, const DenseMatrix& small) {
  double gap = 0.0;
  for (std::size_t i = 0; i < large.rows(); ++i) {
    gap = std::max(gap, std::abs(large(i, i) - small(i, i)) / std::abs(large(i, i)));
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
  DenseMatrix a(size, size);
  sequence.assemble_diagonal(step, a.view());
  DenseMatrix a_inverse = a;
  double log_determinant = invert_or_throw(backend, a_inverse.view(), step, "diagonal block");
  const double kappa = 1.0 / KrylovSpace(backend, std::as_const(a_inverse).view(), coupling_scale(coupling)).largest();
  FixedPoint result;
  result.steps_to_converge = steps_to_converge(kappa, tolerance);
  if (!(length_margin * result.steps_to_converge < static_cast<double>(run.count()))) return std::nullopt;
  result.rate = std::exp(-std::acosh(0.5 * kappa));
  DenseMatrix b(size, size);
  sequence.assemble_diagonal(step, b.view());
  for (int repeat = 0; repeat < 4; ++repeat) {
    subtract_coupled_congruence(backend, coupling, Transpose::no, std::as_const(a_inverse).view(), b.view());
  }
  DenseMatrix b_inverse = b;
  log_determinant += invert_or_throw(backend, b_inverse.view(), step, "doubled marginal precision");
  result.log_determinant_marginal = 0.5 * log_determinant;
  for (int iteration = 0;; ++iteration) {
    // With gap g = (A - B)/A both means that follow are right to g^2/8.
    const double gap = std::max(diagonal_gap(a, b), diagonal_gap(b_inverse, a_inverse));
    average(a, b);
    average(b_inverse, a_inverse);
    if (gap < 1e-7) break;
    if (cancellation != nullptr) cancellation->throw_if_cancelled();
    if (iteration == max_iterations || !std::isfinite(gap)) {
      throw NotPositiveDefinite("The fixed point of the recursion at time step " + std::to_string(step) +
                                    " was not found: expected a gap below 1e-7, found " + std::to_string(gap) + ".",
                                {{"block", static_cast<std::int64_t>(step)}});
    }
    std::copy_n(a.data(), size * size, a_inverse.data());
    std::copy_n(b_inverse.data(), size * size, b.data());
    const std::array<std::function<void()>, 2> tasks{
        [&] { (void)invert_or_throw(backend, a_inverse.view(), step, "arithmetic mean"); },
        [&] { (void)invert_or_throw(backend, b.view(), step, "harmonic mean"); }};
    backend.run_independent(tasks, inversion_flops);
  }
  // R = (D + G)/2.
  sequence.assemble_diagonal(step, a_inverse.view());
  average(a, a_inverse);
  result.log_determinant = invert_or_throw(backend, a.view(), step, "fixed point of the recursion");
  result.inverse = std::move(a);
  result.covariance = std::move(b_inverse);
  return result;
}

bool doubling_pays(const BlockSequence& sequence, const EqualSteps& run, ConstMatrixView previous_inverse,
                   const Backend& backend, const RecursionOptions& options) {
  using Doubling = RecursionOptions::Doubling;
  if (options.doubling == Doubling::never || options.steady_state_tolerance <= 0.0) return false;
  if (run.count() < shortest_run || !sequence.couplings_are_symmetric()) return false;
  auto scale = coupling_scale(sequence.coupling(run.first));
  if (scale.empty()) return false;
  if (options.doubling == Doubling::always) return true;
  DenseMatrix diagonal(sequence.block_size(), sequence.block_size());
  sequence.assemble_diagonal(run.first, diagonal.view());
  const KrylovSpace slow(backend, previous_inverse, std::move(scale));
  const double steps =
      steps_to_converge(slow.smallest_of(std::as_const(diagonal).view()), options.steady_state_tolerance);
  const auto length = static_cast<double>(run.count());
  if (!(length_margin * steps < length)) return false;
  // A gap below 1e-7 takes 1.2 k steps, a remainder of 1e-16 of the sum 1.2 k terms.
  const double doublings = std::max(1.0, std::ceil(std::log2(1.2 * steps)));
  const double by_doubling = (2.0 * doublings + 2.0) / inversion_rate + 4.0 * doublings - 1.0;
  const double plain = (steps + std::min(steps, 0.5 * length)) / inversion_rate;
  return doubling_overhead * by_doubling < plain;
}

void sum_decaying(const Backend& backend, const Coupling& coupling, ConstMatrixView inverse, double rate,
                  MatrixView m) {
  const auto scale = coupling_scale(coupling);
  const std::size_t n = m.rows;
  // f = s R^-1 s is symmetric and similar to |F|; its powers are symmetric too.
  DenseMatrix power(n, n);
  DenseMatrix sum(n, n);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) {
      const double product = scale[i] * scale[j];
      power(i, j) = product * inverse(i, j);
      sum(i, j) = product * m(i, j);
    }
  }
  mirror_lower(power.view());
  DenseMatrix product(n, n);
  // The terms left out after this many are below rate^(2 count) of the first.
  for (double remainder = std::pow(rate, 2.0 / length_margin);; remainder *= remainder) {
    backend.symmetric_multiply(1.0, std::as_const(sum).view(), std::as_const(power).view(), 0.0, product.view());
    // power is symmetric: power * (sum * power).
    backend.symmetric_result_multiply(Transpose::no, 1.0, std::as_const(power).view(), std::as_const(product).view(),
                                      1.0, sum.view());
    if (remainder * remainder < 1e-16) break;
    backend.symmetric_result_multiply(Transpose::no, 1.0, std::as_const(power).view(), std::as_const(power).view(), 0.0,
                                      product.view());
    std::swap(power, product);
    mirror_lower(power.view());
  }
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = j; i < n; ++i) m(i, j) = sum(i, j) / (scale[i] * scale[j]);
  }
}

}  // namespace tramontana

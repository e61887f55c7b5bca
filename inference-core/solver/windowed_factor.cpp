// SPDX-License-Identifier: Apache-2.0
#include "solver/windowed_factor.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>

#include "solver/block_messages.hpp"
#include "solver/schur_step.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

std::span<const double> numbers(const DenseMatrix& m) { return {m.data(), m.rows() * m.columns()}; }
std::span<double> numbers(DenseMatrix& m) { return {m.data(), m.rows() * m.columns()}; }

/** The steps from `first` on, as they lie in memory. */
std::span<double> numbers(BlockVector& b, std::size_t first, std::size_t count) {
  return {b.block(first).data, b.block_size() * b.num_columns() * count};
}

void add(const DenseMatrix& m, MatrixView sum) {
  for (std::size_t i = 0; i < m.rows() * m.columns(); ++i) sum.data[i] += m.data()[i];
}

WindowLayout checked_layout(const BlockSequence& sequence, int num_ranks, std::optional<int> num_left) {
  if (sequence.num_blocks() < 2) {
    throw InvalidModel("Windows need two steps or more, found " + std::to_string(sequence.num_blocks()) + ".",
                       {{"steps", static_cast<std::int64_t>(sequence.num_blocks())}});
  }
  return lay_out_windows(sequence.num_blocks(), num_ranks, num_left);
}

}  // namespace

WindowedFactor::WindowedFactor(const BlockSequence& sequence, const Backend& backend,
                               const CancellationToken* cancellation, Communicator ranks, std::optional<int> num_left)
    : sequence_(sequence),
      backend_(backend),
      cancellation_(cancellation),
      ranks_(std::move(ranks)),
      layout_(checked_layout(sequence, ranks_.size(), num_left)) {
  inward_.kernels = &backend.blocks();
  inward_.block_size = sequence.block_size();
  inward_.length = side().length;
  inward_.from = window().outer;
  inward_.to = window().inner;
  inward_.compute = [this](std::size_t distance, const ConstBlockView* before, BlockView out) {
    throw_if_cancelled();
    return invert_schur_complement(sequence_, backend_.blocks(), side().step(distance),
                                   side().eliminated(before, nullptr), out);
  };
  inward_.run(ranks_);
  ranks_.agree([&] { inward_.rethrow_failure(); });
  exchange_beside_the_middle();
  const auto& own = inward_.log_determinants;
  double sum = std::accumulate(own.begin(), own.end(), 0.0);
  ranks_.agree([&] {
    if (has_middle()) sum += invert_middle();
  });
  log_determinant_ = ranks_.sum(sum);
  auto repaired = static_cast<double>(inward_.num_repaired);
  ranks_.max(std::span(&repaired, 1));
  num_repaired_ = static_cast<std::size_t>(repaired);
}

void WindowedFactor::exchange_beside_the_middle() {
  if (!has_right() || !window().is_beside_the_middle) return;
  const int other = has_middle() ? *layout_.right_rank : layout_.middle_rank;
  opposite_ = BlockMessages(backend_.blocks(), ranks_, sequence_.block_size())
                  .exchange(inward_.state(inward_.length - 1), other);
}

double WindowedFactor::invert_middle() {
  throw_if_cancelled();
  const auto before = inward_.state(inward_.length - 1);
  const auto after = std::as_const(opposite_).view();
  middle_ = new_block();
  return invert_schur_complement(sequence_, backend_.blocks(), layout_.middle,
                                 {&before, has_right() ? &after : nullptr}, middle_.view());
}

std::optional<ConstBlockView> WindowedFactor::behind(std::size_t distance) const {
  if (distance > 0) return inward_.state(distance - 1);
  if (window().outer) return std::as_const(inward_.incoming).view();
  return std::nullopt;
}

EliminatedSide WindowedFactor::eliminated() const {
  return {sequence_, backend_.blocks(), side(), [this](std::size_t distance) { return inward_.state(distance); }};
}

void WindowedFactor::solve(BlockVector& b) const {
  DenseMatrix received(b.block_size(), b.num_columns());
  const auto& own = side();
  if (own.length > 0) {
    if (window().outer) {
      ranks_.receive(numbers(received), *window().outer);
      add(received, b.block(own.step(0)));
    }
    sweep_inward(eliminated(), b);
    auto carried = DenseMatrix::zero(b.block_size(), b.num_columns());
    add_to_step_ahead(eliminated(), b, carried.view());
    const auto middle = b.block(layout_.middle);
    if (window().inner) {
      ranks_.send(numbers(std::as_const(carried)), *window().inner);
      ranks_.receive(numbers(b, own.ahead(own.step(own.length - 1)), 1), *window().inner);
    } else if (has_middle()) {
      add(carried, middle);
      if (has_right()) {
        ranks_.receive(numbers(received), *layout_.right_rank);
        add(received, middle);
      }
      backend_.blocks().symmetric_multiply(1.0, std::as_const(middle_).view(), middle, 0.0, received.view());
      std::copy_n(received.data(), received.rows() * received.columns(), middle.data);
      if (has_right()) ranks_.send(numbers(std::as_const(received)), *layout_.right_rank);
    } else {
      ranks_.send(numbers(std::as_const(carried)), layout_.middle_rank);
      ranks_.receive(numbers(b, layout_.middle, 1), layout_.middle_rank);
    }
    sweep_outward(eliminated(), b);
    if (window().outer) ranks_.send(numbers(b, own.end, 1), *window().outer);
  }
  // Own steps lie together, the middle after those of the rank that has it; parts come in the order of the ranks.
  const std::size_t count = own.length == 0 ? 0 : own.length + (has_middle() ? 1 : 0);
  const auto parts = ranks_.gather_all(count == 0 ? std::span<double>{} : numbers(b, own.first(), count));
  double* out = b.block(0).data;
  for (const auto& part : parts) out = std::copy(part.begin(), part.end(), out);
}

Block WindowedFactor::state_of_middle() const {
  throw_if_cancelled();
  const auto opposite = std::as_const(opposite_).view();
  auto state = new_block();
  (void)invert_schur_complement(sequence_, backend_.blocks(), layout_.middle,
                                side().eliminated(nullptr, opposite_.empty() ? nullptr : &opposite), state.view());
  return state;
}

StateChain WindowedFactor::outward_chain() const {
  StateChain chain;
  chain.kernels = &backend_.blocks();
  chain.block_size = sequence_.block_size();
  // Nobody needs the state beyond the end, where all others are eliminated: it is the covariance there.
  chain.length = is_alone_on_its_side() || side().length == 0 ? 0 : side().length - (window().outer ? 0 : 1);
  chain.from = window().inner;
  chain.to = window().outer;
  chain.compute = [this](std::size_t index, const ConstBlockView* before, BlockView out) {
    throw_if_cancelled();
    return invert_schur_complement(sequence_, backend_.blocks(), side().step(side().length - 1 - index),
                                   side().eliminated(nullptr, before), out);
  };
  return chain;
}

void WindowedFactor::emit(std::size_t distance, ConstBlockView ahead, BlockView covariance,
                          const CovarianceVisitor& visit) const {
  throw_if_cancelled();
  const std::size_t step = side().step(distance);
  const auto outer = behind(distance);
  (void)invert_schur_complement(sequence_, backend_.blocks(), step,
                                side().eliminated(outer ? &*outer : nullptr, &ahead), covariance);
  visit_step(sequence_, step, covariance, side().is_left ? outer.value_or(ConstBlockView{}) : ahead, visit);
}

SelectedInverseSummary WindowedFactor::for_each_covariance(const CovarianceVisitor& visit,
                                                           CovarianceDetail /*detail*/) const {
  auto outward = outward_chain();
  if (window().is_beside_the_middle) {
    outward.prepare = [&] { outward.incoming = state_of_middle(); };
  }
  outward.run(ranks_);
  SelectedInverseSummary summary;
  ranks_.agree([&] {
    outward.rethrow_failure();
    if (has_middle()) {
      visit_step(sequence_, layout_.middle, std::as_const(middle_).view(), inward_.state(inward_.length - 1), visit);
    }
    if (side().length == 0) return;
    auto covariance = new_block();
    auto next = new_block();
    for (std::size_t index = 0; index < side().length; ++index) {
      const std::size_t distance = side().length - 1 - index;
      const auto ahead =
          index == 0 || is_alone_on_its_side() ? std::as_const(outward.incoming).view() : outward.state(index - 1);
      emit(distance, ahead, covariance.view(), visit);
      if (is_alone_on_its_side() && distance > 0) {
        (void)outward.compute(index, &ahead, next.view());
        std::swap(outward.incoming, next);
      }
    }
  });
  auto repaired = static_cast<double>(std::max(num_repaired_, outward.num_repaired));
  ranks_.max(std::span(&repaired, 1));
  summary.method = SelectedInverseMethod::two_sided;
  summary.num_inversions = 3 * side().length + outward.num_repaired;
  summary.num_groups = side().length + (has_middle() ? 1 : 0);
  summary.reason = description() + ", " + std::to_string(sequence_.num_blocks()) + " covariance blocks";
  if (layout_.num_active > 2)
    summary.reason += ", at most " + std::to_string(static_cast<int>(repaired)) + " steps of a window repaired";
  return summary;
}

std::string WindowedFactor::description() const {
  const std::size_t longest = (sequence_.num_blocks() - 1 + layout_.num_active - 1) / layout_.num_active;
  return std::to_string(layout_.num_active) + " windows of up to " + std::to_string(longest) + " steps on " +
         std::to_string(ranks_.size()) + " ranks";
}

}  // namespace tramontana

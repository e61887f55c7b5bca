// SPDX-License-Identifier: Apache-2.0
#include "solver/covariance_rows.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "kernels/coupling_kernels.hpp"

namespace tramontana {
namespace {

/** Makes the row of a step from that of the next one. */
class RowChain {
 public:
  RowChain(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend, StepRange columns,
           const CancellationToken* cancellation)
      : sequence_(sequence),
        filter_(filter),
        backend_(backend),
        columns_(columns),
        cancellation_(cancellation),
        size_(sequence.block_size()) {}

  /** Leaves out the columns from a step on. */
  void end_at(std::size_t step) { columns_.last = std::min(columns_.last, step); }

  [[nodiscard]] CovarianceRow last() const {
    auto row = empty_row(sequence_.num_blocks() - 1);
    row.blocks[row.step] = full_inverse(row.step);
    return row;
  }

  [[nodiscard]] CovarianceRow before(const CovarianceRow& next) const {
    auto row = empty_row(next.step - 1);
    const auto& kernels = backend_.blocks();
    // -C_t S_t^-1, the transpose of what leads from a row to the one before.
    const auto inverse = full_inverse(row.step);
    auto step_back = kernels.allocate(size_, size_);
    multiply_coupled(kernels, -1.0, sequence_.coupling(row.step), inverse.view(), step_back.view());
    std::vector<std::size_t> wanted{next.step};
    for (std::size_t u = std::max(columns_.first, next.step + 1); u < columns_.last; ++u) wanted.push_back(u);
    for (const auto u : wanted) row.blocks[u] = kernels.allocate(size_, size_);
    const auto n = static_cast<double>(size_);
    run_in_pairs(backend_, wanted.size(), 2.0 * n * n * n, cancellation_, [&](std::size_t i) {
      kernels.multiply(Transpose::yes, Transpose::no, 1.0, std::as_const(step_back).view(), next.at(wanted[i]), 0.0,
                       row.blocks[wanted[i]].view());
    });
    auto own = kernels.allocate(size_, size_);
    kernels.copy(inverse.view(), own.view());
    kernels.symmetric_result_multiply(Transpose::no, 1.0, row.at(next.step), std::as_const(step_back).view(), 1.0,
                                      own.view());
    kernels.mirror(own.view());
    row.blocks[row.step] = std::move(own);
    return row;
  }

 private:
  [[nodiscard]] CovarianceRow empty_row(std::size_t step) const {
    return {step, std::vector<Block>(sequence_.num_blocks())};
  }
  [[nodiscard]] Block full_inverse(std::size_t step) const {
    auto block = backend_.blocks().allocate(size_, size_);
    backend_.blocks().copy(filter_.inverse(step), block.view());
    backend_.blocks().mirror(block.view());
    return block;
  }

  const BlockSequence& sequence_;
  const ForwardFilter& filter_;
  const Backend& backend_;
  StepRange columns_;
  const CancellationToken* cancellation_;
  std::size_t size_;
};

}  // namespace

void for_each_covariance_row(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend,
                             StepRange columns, const CancellationToken* cancellation,
                             const std::function<std::size_t(const CovarianceRows&)>& visit) {
  RowChain chain(sequence, filter, backend, columns, cancellation);
  std::optional<CovarianceRow> after;
  std::optional<CovarianceRow> here = chain.last();
  while (here) {
    std::optional<CovarianceRow> before;
    if (here->step > 0) before = chain.before(*here);
    chain.end_at(visit({before ? &*before : nullptr, &*here, after ? &*after : nullptr}));
    after = std::move(here);
    here = std::move(before);
  }
}

void run_in_pairs(const Backend& backend, std::size_t count, double flops_each, const CancellationToken* cancellation,
                  const std::function<void(std::size_t)>& task) {
  for (std::size_t first = 0; first < count; first += 2) {
    if (cancellation != nullptr) cancellation->throw_if_cancelled();
    std::vector<std::function<void()>> pair;
    for (std::size_t i = first; i < std::min(first + 2, count); ++i) pair.push_back([&task, i] { task(i); });
    backend.tasks().run_independent(pair, flops_each);
  }
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "solver/factor.hpp"

#include <utility>

#include "solver/forward_filter.hpp"
#include "solver/order_cost.hpp"
#include "solver/two_sided_factor.hpp"
#include "solver/windowed_factor.hpp"

namespace tramontana {
namespace {

/** The forward recursion, with one of the selected inverses that go with it. */
class ForwardFactor : public Factor {
 public:
  ForwardFactor(const BlockSequence& sequence, const Backend& backend, const FactorOptions& options,
                const CancellationToken* cancellation)
      : sequence_(sequence),
        backend_(backend),
        options_(options),
        cancellation_(cancellation),
        filter_(sequence, backend, options.recursion, cancellation) {}

  [[nodiscard]] double log_determinant() const override { return filter_.log_determinant(); }
  void solve(BlockVector& b) const override { filter_.solve(sequence_, backend_, b); }
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const override {
    return tramontana::for_each_covariance(sequence_, filter_, backend_, options_.recursion, options_.method,
                                           cancellation_, visit, detail);
  }
  [[nodiscard]] const ForwardFilter* forward_filter() const override {
    return filter_.long_run() == nullptr ? &filter_ : nullptr;
  }
  [[nodiscard]] std::string description() const override { return filter_.description(); }

 private:
  const BlockSequence& sequence_;
  const Backend& backend_;
  FactorOptions options_;
  const CancellationToken* cancellation_;
  ForwardFilter filter_;
};

/** The same work on every rank: what fails on one fails on all. */
class ReplicatedFactor : public Factor {
 public:
  ReplicatedFactor(Communicator ranks, std::unique_ptr<Factor> own) : ranks_(std::move(ranks)), own_(std::move(own)) {}

  [[nodiscard]] double log_determinant() const override { return own_->log_determinant(); }
  void solve(BlockVector& b) const override { own_->solve(b); }
  SelectedInverseSummary for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail detail) const override {
    SelectedInverseSummary summary;
    ranks_.agree([&] { summary = own_->for_each_covariance(visit, detail); });
    return summary;
  }
  [[nodiscard]] const ForwardFilter* forward_filter() const override { return own_->forward_filter(); }
  [[nodiscard]] std::string description() const override { return own_->description(); }

 private:
  Communicator ranks_;
  std::unique_ptr<Factor> own_;
};

std::unique_ptr<Factor> factorise_alone(const BlockSequence& sequence, const Backend& backend,
                                        const FactorOptions& options, const CancellationToken* cancellation) {
  const bool is_two_sided = options.method == SelectedInverseMethod::two_sided ||
                            (options.method == SelectedInverseMethod::automatic && sequence.num_blocks() > 2 &&
                             count_orders(sequence).two_sided_pays());
  if (is_two_sided && sequence.num_blocks() > 1) {
    return std::make_unique<TwoSidedFactor>(sequence, backend, cancellation);
  }
  return std::make_unique<ForwardFactor>(sequence, backend, options, cancellation);
}

bool windows_pay(const BlockSequence& sequence, const FactorOptions& options) {
  if (sequence.num_blocks() < 2) return false;
  if (options.method == SelectedInverseMethod::two_sided) return true;
  return options.method == SelectedInverseMethod::automatic &&
         count_on_ranks(count_orders(sequence), sequence.num_blocks(), options.ranks.size()).is_windowed;
}

}  // namespace

std::unique_ptr<Factor> factorise(const BlockSequence& sequence, const Backend& backend, const FactorOptions& options,
                                  const CancellationToken* cancellation) {
  const auto& ranks = options.ranks;
  if (ranks.size() == 1) return factorise_alone(sequence, backend, options, cancellation);
  if (windows_pay(sequence, options)) {
    return std::make_unique<WindowedFactor>(sequence, backend, cancellation, ranks);
  }
  std::unique_ptr<Factor> own;
  ranks.agree([&] { own = factorise_alone(sequence, backend, options, cancellation); });
  return std::make_unique<ReplicatedFactor>(ranks, std::move(own));
}

}  // namespace tramontana

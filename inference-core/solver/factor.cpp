// SPDX-License-Identifier: Apache-2.0
#include "solver/factor.hpp"

#include "solver/forward_filter.hpp"
#include "solver/order_cost.hpp"
#include "solver/two_sided_factor.hpp"

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
  [[nodiscard]] std::string description() const override { return filter_.description(); }

 private:
  const BlockSequence& sequence_;
  const Backend& backend_;
  FactorOptions options_;
  const CancellationToken* cancellation_;
  ForwardFilter filter_;
};

}  // namespace

std::unique_ptr<Factor> factorise(const BlockSequence& sequence, const Backend& backend, const FactorOptions& options,
                                  const CancellationToken* cancellation) {
  const bool is_two_sided = options.method == SelectedInverseMethod::two_sided ||
                            (options.method == SelectedInverseMethod::automatic && sequence.num_blocks() > 2 &&
                             count_orders(sequence).two_sided_pays());
  if (is_two_sided && sequence.num_blocks() > 1) {
    return std::make_unique<TwoSidedFactor>(sequence, backend, cancellation);
  }
  return std::make_unique<ForwardFactor>(sequence, backend, options, cancellation);
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/shared_evaluations.hpp"

#include <algorithm>

#include "inference/posterior/field_recursion.hpp"
#include "solver/order_cost.hpp"

namespace tramontana {
namespace {

constexpr std::size_t lanes_of_a_rank = 2;

/** A sequence of which no two steps are equal, as the working weights of likelihoods make it. */
class DistinctSteps final : public BlockSequence {
 public:
  explicit DistinctSteps(const BlockSequence& sequence) : sequence_(sequence) {}
  [[nodiscard]] std::size_t num_blocks() const override { return sequence_.num_blocks(); }
  [[nodiscard]] std::size_t block_size() const override { return sequence_.block_size(); }
  [[nodiscard]] int diagonal_tag(std::size_t step) const override { return static_cast<int>(step); }
  [[nodiscard]] int coupling_tag(std::size_t step) const override { return sequence_.coupling_tag(step); }
  [[nodiscard]] const Coupling& coupling(std::size_t step) const override { return sequence_.coupling(step); }
  [[nodiscard]] bool couplings_are_symmetric() const override { return sequence_.couplings_are_symmetric(); }
  [[nodiscard]] BlockTerms diagonal_terms(std::size_t step) const override { return sequence_.diagonal_terms(step); }

 private:
  const BlockSequence& sequence_;
};

}  // namespace

SharedEvaluations::SharedEvaluations(const Backend& backend, const EvaluationOptions& options, int num_groups,
                                     double flops_each)
    : backend_(backend), options_(options), jobs_(ranks_of(options), num_groups), flops_each_(flops_each) {
  options_.ranks = &jobs_.group();
}

std::size_t SharedEvaluations::lanes_each() const {
  // The ranks of a group talk to each other: their jobs come one after the other. The same on all ranks, also where one
  // of them is a group by itself and others are not.
  return jobs_.has_one_rank_each() ? lanes_of_a_rank : 1;
}

std::size_t SharedEvaluations::num_at_once() const {
  return static_cast<std::size_t>(jobs_.num_groups()) * lanes_each();
}

std::vector<std::vector<double>> SharedEvaluations::run(std::size_t num_jobs,
                                                        const std::function<std::vector<double>(std::size_t)>& job,
                                                        SharedJobs::Results whose) const {
  const auto lanes = [&](const std::vector<std::function<void()>>& tasks) {
    const std::size_t together = lanes_each();
    for (std::size_t first = 0; first < tasks.size(); first += together) {
      const std::size_t count = std::min(together, tasks.size() - first);
      backend_.tasks().run_independent(std::span(tasks).subspan(first, count), flops_each_);
    }
  };
  return jobs_.run(num_jobs, job, lanes, whose);
}

int groups_of_ranks(const PreparedModel& model, std::span<const double> theta, std::size_t num_jobs,
                    const EvaluationOptions& options) {
  const int num_ranks = ranks_of(options).size();
  if (num_ranks == 1) return 1;
  if (options.rank_groups > 0) {
    return std::min({options.rank_groups, num_ranks, std::max(1, static_cast<int>(num_jobs))});
  }
  const PriorAtTheta prior(model, theta);
  // Of working observations only the number of distinct blocks counts: there are no two alike.
  const PredictorMap map(prior, model.is_gaussian() ? model.observations() : ObservationModels{});
  const auto precision = joint_precision_of(map, basis_of(prior, options));
  const auto cost = model.is_gaussian() ? count_orders(*precision) : count_orders(DistinctSteps(*precision));
  return split_ranks(cost, model.num_steps(), num_jobs, num_ranks).num_groups;
}

std::string rank_summary(const PreparedModel& model, std::span<const double> theta, std::size_t num_jobs,
                         const EvaluationOptions& options) {
  const int num_ranks = ranks_of(options).size();
  if (num_ranks == 1) return {};
  if (num_jobs == 0)
    return std::to_string(num_ranks) + " ranks: each evaluation on all, the pairs of the Hessian shared";
  const int groups = groups_of_ranks(model, theta, num_jobs, options);
  const auto each = num_ranks % groups == 0
                        ? std::to_string(num_ranks / groups)
                        : std::to_string(num_ranks / groups) + " to " + std::to_string(num_ranks / groups + 1);
  return std::to_string(num_ranks) + " ranks: " + std::to_string(num_jobs) + " evaluations " + std::to_string(groups) +
         " at a time, each on " + each + (options.rank_groups > 0 ? " as set" : " as counted");
}

double flops_of_evaluation(const PreparedModel& model) {
  const auto n = static_cast<double>(model.block_size());
  return n * n * n * static_cast<double>(model.num_steps());
}

}  // namespace tramontana

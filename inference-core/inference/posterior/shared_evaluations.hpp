// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "communicator/shared_jobs.hpp"
#include "inference/posterior/evaluation_ranks.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "kernels/backend.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {

/**
 * Evaluations that do not depend on each other, at the same time: on groups of ranks, and in two lanes of a rank that
 * is a group of its own. More lanes would cost the memory of a factor each; a rank with more threads has them inside.
 */
class SharedEvaluations {
 public:
  /**
   * @param num_groups  that the ranks of the options form
   * @param flops_each  size of one evaluation
   */
  SharedEvaluations(const Backend& backend, const EvaluationOptions& options, int num_groups, double flops_each);
  SharedEvaluations(const SharedEvaluations&) = delete;
  SharedEvaluations& operator=(const SharedEvaluations&) = delete;

  /** For the evaluations of a job: those of the ranks of its group. */
  [[nodiscard]] const EvaluationOptions& options() const { return options_; }
  /** Jobs that are worth giving to run() together. */
  [[nodiscard]] std::size_t num_at_once() const;
  /** As SharedJobs::run(). */
  [[nodiscard]] std::vector<std::vector<double>> run(std::size_t num_jobs,
                                                     const std::function<std::vector<double>(std::size_t)>& job,
                                                     SharedJobs::Results whose = SharedJobs::Results::for_all) const;

 private:
  [[nodiscard]] std::size_t lanes_each() const;

  const Backend& backend_;
  EvaluationOptions options_;
  SharedJobs jobs_;
  double flops_each_;
};

/**
 * Groups that are done first with so many evaluations of a model like that at theta, by what the orders count to cost
 * (split_ranks()).
 */
[[nodiscard]] int groups_of_ranks(const PreparedModel& model, std::span<const double> theta, std::size_t num_jobs,
                                  const EvaluationOptions& options);

/**
 * That choice in one line: "4 ranks: 15 evaluations 4 at a time, each on 1 as counted"; empty for one rank.
 *
 * @param num_jobs  0 where no evaluations but the pairs of steps of the Hessian are shared
 */
[[nodiscard]] std::string rank_summary(const PreparedModel& model, std::span<const double> theta, std::size_t num_jobs,
                                       const EvaluationOptions& options);

/** n^3 flops a step. */
[[nodiscard]] double flops_of_evaluation(const PreparedModel& model);

}  // namespace tramontana

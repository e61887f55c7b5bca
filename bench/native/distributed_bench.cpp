// SPDX-License-Identifier: Apache-2.0
/**
 * One model, computed in two ways in turn: on one rank, or with one order, and on two ranks, or with another. One line
 * of JSON; bench/distributed/ runs it case by case.
 */
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <mutex>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "communicator/thread_ranks.hpp"
#include "grid_model.hpp"
#include "inference/posterior/field_recursion.hpp"
#include "inference/posterior/shared_evaluations.hpp"
#include "matrix/block_memory.hpp"
#include "measure.hpp"
#include "program.hpp"
#include "solver/order_cost.hpp"
#include "solver/windowed_factor.hpp"
#include "tramontana/engine.hpp"

namespace tramontana::bench {
namespace {

using Order = EvaluationOptions::SelectedInverse;
using Numbers = std::vector<double>;

constexpr int num_ranks = 2;
/** Evaluations that do not depend on each other: gradients beside the mode, as the columns of a Hessian need them. */
constexpr std::size_t num_jobs = 4;

struct Scene {
  GridModelOptions grid;
  std::shared_ptr<const PreparedModel> model;
  std::vector<double> theta;
};

Numbers numbers_of(const Evaluation& evaluation) {
  Numbers numbers = evaluation.gradient;
  numbers.push_back(evaluation.objective);
  return numbers;
}

Numbers evaluate_with(const Scene& scene, Order order, const Communicator* ranks) {
  EvaluationOptions options;
  options.gradient = true;
  options.selected_inverse = order;
  options.ranks = ranks;
  return numbers_of(evaluate(*scene.model, scene.theta, options));
}

/** Gradients at several thetas, as many at once as there are ranks. */
Numbers evaluate_several(const Scene& scene, const Communicator* ranks) {
  EvaluationOptions options;
  options.gradient = true;
  options.ranks = ranks;
  const SharedEvaluations shared(scene.model->backend(), options, ranks == nullptr ? 1 : ranks->size(),
                                 flops_of_evaluation(*scene.model));
  const auto results = shared.run(num_jobs, [&](std::size_t job) {
    auto theta = scene.theta;
    theta[job % theta.size()] += 1e-3;
    return numbers_of(evaluate(*scene.model, theta, shared.options()));
  });
  Numbers all;
  for (const auto& result : results) all.insert(all.end(), result.begin(), result.end());
  return all;
}

/** Log determinant, one solve and the trace of each covariance. */
Numbers use_factor(const Scene& scene, const Factor& factor) {
  BlockVector b(scene.model->num_steps(), scene.model->block_size(), 2);
  for (std::size_t step = 0; step < b.num_blocks(); ++step) {
    for (std::size_t i = 0; i < 2 * b.block_size(); ++i)
      b.block(step).data[i] = std::sin(static_cast<double>(i + step));
  }
  factor.solve(b);
  Numbers traces(b.num_blocks(), 0.0);
  factor.for_each_covariance(
      [&](const StepCovariance& group) {
        const auto variances = scene.model->backend().blocks().diagonal(group.covariance);
        for (const auto step : group.steps) traces[step] = std::reduce(variances.begin(), variances.end());
      },
      CovarianceDetail::each_step);
  factor.visitors().sum(traces);
  traces.push_back(factor.log_determinant());
  traces.insert(traces.end(), b.block(0).data, b.block(0).data + b.block_size());
  return traces;
}

/** One window a rank in one direction: what ranks beyond the second add to the two sides. */
Numbers factorise_in_windows(const Scene& scene, const Communicator* ranks) {
  const PriorAtTheta prior(*scene.model, scene.theta);
  const PredictorMap map(prior, scene.model->observations());
  const auto precision = joint_precision_of(map, CoordinateBasis::spectral);
  if (ranks == nullptr) {
    const FactorOptions two_filter{.recursion = {}, .method = SelectedInverseMethod::two_filter};
    return use_factor(scene, *factorise(*precision, scene.model->backend(), two_filter, nullptr));
  }
  return use_factor(scene, WindowedFactor(*precision, scene.model->backend(), nullptr, *ranks, ranks->size()));
}

/** What a task gives on all ranks: that of rank 0. */
Numbers on_ranks(const std::function<Numbers(const Communicator*)>& task) {
  Numbers result;
  run_thread_ranks(num_ranks, [&](const Communicator& ranks) {
    auto own = task(&ranks);
    if (ranks.is_root()) result = std::move(own);
  });
  return result;
}

struct Comparison {
  std::function<Numbers()> one;
  std::function<Numbers()> other;
};

Comparison comparison_of(const std::string& layer, const Scene& scene) {
  const auto shared = [&scene](Numbers (*task)(const Scene&, const Communicator*)) {
    return Comparison{
        [&scene, task] { return task(scene, nullptr); },
        [&scene, task] { return on_ranks([&scene, task](const Communicator* ranks) { return task(scene, ranks); }); }};
  };
  if (layer == "evaluations") return shared(evaluate_several);
  if (layer == "windows") return shared(factorise_in_windows);
  if (layer == "two-sides") {
    return shared([](const Scene& of, const Communicator* ranks) {
      return evaluate_with(of, ranks == nullptr ? Order::two_filter : Order::two_sided, ranks);
    });
  }
  return {[&scene] { return evaluate_with(scene, Order::two_filter, nullptr); },
          [&scene] { return evaluate_with(scene, Order::two_sided, nullptr); }};
}

/** In turn, so that what the machine does beside meets both alike; the median of the ratios of neighbours. */
JsonObject compare(const Arguments& arguments, const Scene& scene, const std::string& layer) {
  const int repetitions = arguments.integer("--repetitions", 7);
  const auto comparison = comparison_of(layer, scene);
  Numbers expected;
  Numbers found;
  std::vector<double> ratios;
  std::vector<double> one_seconds;
  std::vector<double> other_seconds;
  for (int repetition = 0; repetition <= repetitions; ++repetition) {
    const double one = seconds_of([&] { expected = comparison.one(); });
    const double other = seconds_of([&] { found = comparison.other(); });
    // The first of either makes its memory.
    if (repetition == 0) continue;
    one_seconds.push_back(one);
    other_seconds.push_back(other);
    ratios.push_back(one / other);
  }
  return JsonObject()
      .add("n", scene.grid.num_nodes * scene.grid.num_processes)
      .add("n_t", scene.grid.num_steps)
      .add("secondsOneRank", median(one_seconds))
      .add("seconds", median(other_seconds))
      .add("speedup", median(ratios))
      .add("maxDeviation", relative_difference(found, expected), 3)
      .add("blas", blas_name());
}

/** Seconds of one step of an evaluation with gradient on one thread, and what counting makes of it on more ranks. */
JsonObject model(const Scene& scene, int ranks, std::size_t jobs) {
  const PriorAtTheta prior(*scene.model, scene.theta);
  const PredictorMap map(prior, scene.model->observations());
  const auto cost = count_orders(*joint_precision_of(map, CoordinateBasis::spectral));
  const std::size_t steps = scene.model->num_steps();
  const double alone = best_seconds(2, [&] { (void)evaluate_with(scene, Order::two_filter, nullptr); });
  const double seconds_of_unit = alone / cost.forward_alone;
  const auto shared = count_on_ranks(cost, steps, ranks);
  const auto split = split_ranks(cost, steps, jobs, ranks);
  return JsonObject()
      .add("n", static_cast<int>(scene.model->block_size()))
      .add("n_t", static_cast<int>(steps))
      .add("secondsOneRank", alone)
      .add("seconds", shared.time * seconds_of_unit)
      .add("secondsJobsOneRank", split.time_alone * seconds_of_unit)
      .add("secondsJobs", split.time * seconds_of_unit)
      .add("groups", split.num_groups);
}

JsonObject run(const Arguments& arguments) {
  Scene scene;
  scene.grid.num_nodes = arguments.integer("--nodes", 400);
  scene.grid.num_steps = arguments.integer("--steps", 48);
  scene.grid.num_processes = arguments.integer("--processes", 1);
  scene.grid.complete = arguments.number("--complete", 0) != 0.0;
  const auto layer = arguments.text("--layer", "one-process");
  // Waiting for the other rank counts.
  set_clock(Clock::wall);
  set_num_threads(arguments.integer("--threads", 1));
  scene.model = prepare_model(grid_model(scene.grid), host_backend());
  scene.theta = grid_theta(scene.grid);
  const KeepBlocks keep_blocks;
  if (layer == "model") {
    return model(scene, arguments.integer("--ranks", 2), static_cast<std::size_t>(arguments.integer("--jobs", 1)));
  }
  return compare(arguments, scene, layer);
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  return tramontana::bench::run_program("distributed_bench", count, arguments, tramontana::bench::run);
}

// SPDX-License-Identifier: Apache-2.0
/**
 * One model, one evaluation with gradient in two orders: forward with two filters, and from both sides. One line of
 * JSON; bench/distributed/ runs it model by model.
 */
#include <algorithm>
#include <cmath>
#include <vector>

#include "grid_model.hpp"
#include "matrix/block_memory.hpp"
#include "measure.hpp"
#include "program.hpp"
#include "tramontana/engine.hpp"

namespace tramontana::bench {
namespace {

using Order = EvaluationOptions::SelectedInverse;

double largest_deviation(const Evaluation& a, const Evaluation& b) {
  return std::max(std::abs(a.objective - b.objective) / std::abs(b.objective),
                  relative_difference(a.gradient, b.gradient));
}

/** In turn, so that what the machine does beside meets both alike; the median of the ratios of neighbours. */
JsonObject run(const Arguments& arguments) {
  GridModelOptions grid;
  grid.num_nodes = arguments.integer("--nodes", 400);
  grid.num_steps = arguments.integer("--steps", 48);
  grid.num_processes = arguments.integer("--processes", 1);
  grid.complete = arguments.number("--complete", 0) != 0.0;
  const int num_threads = arguments.integer("--threads", 2);
  const int repetitions = arguments.integer("--repetitions", 7);
  set_clock(num_threads == 1 ? Clock::processor : Clock::wall);
  set_num_threads(num_threads);
  const auto prepared = prepare_model(grid_model(grid), host_backend());
  const auto theta = grid_theta(grid);
  const KeepBlocks keep_blocks;
  EvaluationOptions options;
  options.gradient = true;
  Evaluation two_filter;
  Evaluation two_sided;
  std::vector<double> ratios;
  std::vector<double> filter_seconds;
  std::vector<double> sided_seconds;
  for (int repetition = 0; repetition <= repetitions; ++repetition) {
    options.selected_inverse = Order::two_filter;
    const double first = seconds_of([&] { two_filter = evaluate(*prepared, theta, options); });
    options.selected_inverse = Order::two_sided;
    const double second = seconds_of([&] { two_sided = evaluate(*prepared, theta, options); });
    // The first of either makes its memory.
    if (repetition == 0) continue;
    filter_seconds.push_back(first);
    sided_seconds.push_back(second);
    ratios.push_back(first / second);
  }
  options.selected_inverse = Order::automatic;
  const auto chosen = evaluate(*prepared, theta, options);
  return JsonObject()
      .add("n", grid.num_nodes * grid.num_processes)
      .add("n_t", grid.num_steps)
      .add("threads", num_threads)
      .add("secondsTwoFilter", median(filter_seconds))
      .add("secondsTwoSided", median(sided_seconds))
      .add("ratio", median(ratios))
      .add("maxDeviation", largest_deviation(two_sided, two_filter), 3)
      .add("chosen", chosen.recursion)
      .add("blas", blas_name());
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  return tramontana::bench::run_program("distributed_bench", count, arguments, tramontana::bench::run);
}

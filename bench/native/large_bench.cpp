// SPDX-License-Identifier: Apache-2.0
/**
 * A whole fit of a large model: search for the mode and Hessian. Prints a line an iteration on standard error and one
 * line of JSON on standard output; bench/large/ runs it.
 */
#include <cstdio>
#include <random>

#include "grid_model.hpp"
#include "measure.hpp"
#include "program.hpp"
#include "tramontana/fit.hpp"

namespace tramontana::bench {
namespace {

/** Every component of theta away from where the data were made, by this much in a random direction. */
constexpr double start_distance = 0.7;

std::vector<double> displaced(std::vector<double> theta) {
  std::mt19937_64 random(11);
  for (auto& value : theta) value += random() % 2 == 0 ? start_distance : -start_distance;
  return theta;
}

JsonObject run(const Arguments& arguments) {
  GridModelOptions grid;
  grid.num_nodes = arguments.integer("--nodes", 1000);
  grid.num_steps = arguments.integer("--steps", 60);
  grid.num_processes = arguments.integer("--processes", 3);
  grid.points_per_step = arguments.integer("--points", 0);
  const bool only_evaluate = arguments.number("--only-evaluate", 0) != 0.0;
  set_num_threads(arguments.integer("--threads", 1));
  auto model = grid_model(grid);
  std::size_t num_observations = 0;
  for (const auto& group : model.observations) num_observations += group.y.size();

  const double start = now_seconds();
  const auto prepared = prepare_model(std::move(model), host_backend());
  const double prepare_seconds = now_seconds() - start;
  FitOptions options;
  options.initial_theta = displaced(grid_theta(grid));
  EvaluationOptions with_gradient;
  with_gradient.gradient = true;
  const auto first = evaluate(*prepared, options.initial_theta, with_gradient);
  std::fprintf(stderr, "preparation %.2f s, one evaluation %.2f s: %s\n", prepare_seconds, first.seconds,
               first.recursion.c_str());
  FitResult result;
  if (!only_evaluate) {
    result = fit(*prepared, options, nullptr, [&](const OptimizerState& state) {
      std::fprintf(stderr, "%7.1f s, %3d evaluations: objective %.3f\n", now_seconds() - start, state.evaluations,
                   state.objective);
    });
  }
  return JsonObject()
      .add("n_s", grid.num_nodes)
      .add("n_t", grid.num_steps)
      .add("n_v", grid.num_processes)
      .add("observations", num_observations)
      .add("secondsPrepare", prepare_seconds)
      .add("secondsEvaluation", first.seconds)
      .add("secondsFit", result.seconds)
      .add("processorSeconds", processor_seconds())
      .add("peakBytes", peak_bytes(), 12)
      .add("evaluations", result.state.evaluations)
      .add("gradientNorm", result.gradient_norm, 3)
      .add("converged", result.state.converged)
      .add("stopReason", result.state.stop_reason)
      .add("recursion", first.recursion);
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  return tramontana::bench::run_program("large_bench", count, arguments, tramontana::bench::run);
}

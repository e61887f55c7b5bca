// SPDX-License-Identifier: Apache-2.0
/**
 * A whole fit of a large model: search for the mode and Hessian. Prints a line an iteration on standard error and one
 * line of JSON on standard output; bench/large/ runs it.
 */
#include <cstdio>
#include <exception>
#include <random>

#include "grid_model.hpp"
#include "measure.hpp"
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

int run(int count, const char* const* arguments) {
  const auto option = [&](const char* name, double fallback) {
    return number_option(count, arguments, name, fallback);
  };
  GridModelOptions grid;
  grid.num_nodes = static_cast<int>(option("--nodes", 1000));
  grid.num_steps = static_cast<int>(option("--steps", 60));
  grid.num_processes = static_cast<int>(option("--processes", 3));
  grid.points_per_step = static_cast<int>(option("--points", 0));
  const bool only_evaluate = option("--only-evaluate", 0) != 0.0;
  set_num_threads(static_cast<int>(option("--threads", 1)));
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
  std::printf(
      "{\"n_s\": %d, \"n_t\": %d, \"n_v\": %d, \"observations\": %zu, \"secondsPrepare\": %.6g, "
      "\"secondsEvaluation\": %.6g, \"secondsFit\": %.6g, \"processorSeconds\": %.6g, \"peakBytes\": %.0f, "
      "\"evaluations\": %d, "
      "\"gradientNorm\": %.3g, \"converged\": %s, \"stopReason\": \"%s\", \"recursion\": \"%s\"}\n",
      grid.num_nodes, grid.num_steps, grid.num_processes, num_observations, prepare_seconds, first.seconds,
      result.seconds, processor_seconds(), peak_bytes(), result.state.evaluations, result.gradient_norm,
      result.state.converged ? "true" : "false", result.state.stop_reason.c_str(), first.recursion.c_str());
  return 0;
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  try {
    return tramontana::bench::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "large_bench: %s\n", error.what());
    return 1;
  }
}

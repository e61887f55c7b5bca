// SPDX-License-Identifier: Apache-2.0
/**
 * Evaluations of a fit that starts from what is known: the mode on a coarser mesh, or that of the day before. Prints
 * one line of JSON; bench/warm/ runs it.
 */
#include <algorithm>
#include <cstdio>
#include <random>

#include "grid_model.hpp"
#include "measure.hpp"
#include "program.hpp"
#include "tramontana/fit.hpp"

namespace tramontana::bench {
namespace {

constexpr double spread = 1.0;

struct Found {
  int evaluations = 0;
  double seconds = 0.0;
  double objective = 0.0;
  bool converged = false;
};

Found search(const PreparedModel& model, FitOptions options) {
  options.compute_hessian = false;
  const auto result = fit(model, options, nullptr, {});
  return {result.state.evaluations, result.seconds, result.state.objective, result.state.converged};
}

JsonObject told(const Found& found) {
  return JsonObject()
      .add("evaluations", found.evaluations)
      .add("seconds", found.seconds)
      .add("objective", found.objective, 12)
      .add("converged", found.converged);
}

JsonObject run(const Arguments& arguments) {
  GridModelOptions grid;
  grid.num_nodes = arguments.integer("--nodes", 400);
  grid.num_steps = arguments.integer("--steps", 20);
  grid.num_processes = arguments.integer("--processes", 1);
  grid.complete = arguments.number("--complete", 0) != 0.0;
  grid.all_steps = grid.num_steps + 1;
  grid.first_step = 1;
  const double coarseness = arguments.number("--coarseness", 1.4);
  const int num_starts = arguments.integer("--starts", 5);
  set_num_threads(arguments.integer("--threads", 1));

  auto coarse_grid = grid;
  coarse_grid.coarseness = coarseness;
  auto yesterday_grid = grid;
  yesterday_grid.first_step = 0;
  const auto today = prepare_model(grid_model(grid), host_backend());
  auto coarse_model = grid_model(coarse_grid);
  const std::size_t coarse_nodes = coarse_model.c0.size();
  const auto coarse = prepare_model(std::move(coarse_model), host_backend());
  const auto yesterday = prepare_model(grid_model(yesterday_grid), host_backend());

  FitOptions options;
  options.initial_theta = grid_theta(grid);
  const auto before = fit(*yesterday, options, nullptr, {});
  FitOptions warm_options;
  warm_options.initial_theta = before.state.theta;
  warm_options.initial_curvature = before.hessian;
  const auto warm = search(*today, warm_options);

  std::vector<JsonObject> starts;
  for (int seed = 1; seed <= num_starts; ++seed) {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    std::normal_distribution<double> normal(0.0, spread);
    options.initial_theta = grid_theta(grid);
    for (auto& value : options.initial_theta) value += normal(random);
    const auto plain = search(*today, options);
    const auto start = multilevel_start(*coarse, options);
    const auto fine = search(*today, start.options);
    std::fprintf(stderr, "start %d: %d evaluations; %d after %d on the coarse mesh; %s\n", seed, plain.evaluations,
                 fine.evaluations, start.coarse_evaluations, start.reason.c_str());
    starts.push_back(JsonObject()
                         .add("plain", told(plain))
                         .add("fine", told(fine))
                         .add("coarseEvaluations", start.coarse_evaluations)
                         .add("coarseSeconds", start.coarse_seconds)
                         .add("isUsed", start.is_used));
  }
  return JsonObject()
      .add("n_s", grid.num_nodes)
      .add("coarse_n_s", coarse_nodes)
      .add("n_t", grid.num_steps)
      .add("n_v", grid.num_processes)
      .add("yesterday", told(warm))
      .add("starts", starts);
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  return tramontana::bench::run_program("warm_bench", count, arguments, tramontana::bench::run);
}

// SPDX-License-Identifier: Apache-2.0
/**
 * Evaluations of a fit that starts from what is known: the mode on a coarser mesh, or that of the day before. Prints
 * one line of JSON; bench/warm/ runs it.
 */
#include <algorithm>
#include <cstdio>
#include <exception>
#include <random>

#include "grid_model.hpp"
#include "measure.hpp"
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

void print(const char* name, const Found& found) {
  std::printf("\"%s\": {\"evaluations\": %d, \"seconds\": %.6g, \"objective\": %.12g, \"converged\": %s}", name,
              found.evaluations, found.seconds, found.objective, found.converged ? "true" : "false");
}

int run(int count, const char* const* arguments) {
  const auto option = [&](const char* name, double fallback) {
    return number_option(count, arguments, name, fallback);
  };
  GridModelOptions grid;
  grid.num_nodes = static_cast<int>(option("--nodes", 400));
  grid.num_steps = static_cast<int>(option("--steps", 20));
  grid.num_processes = static_cast<int>(option("--processes", 1));
  grid.complete = option("--complete", 0) != 0.0;
  grid.all_steps = grid.num_steps + 1;
  grid.first_step = 1;
  const double coarseness = option("--coarseness", 1.4);
  const int num_starts = static_cast<int>(option("--starts", 5));
  set_num_threads(static_cast<int>(option("--threads", 1)));

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

  std::printf("{\"n_s\": %d, \"coarse_n_s\": %zu, \"n_t\": %d, \"n_v\": %d, ", grid.num_nodes, coarse_nodes,
              grid.num_steps, grid.num_processes);
  print("yesterday", warm);
  std::printf(", \"starts\": [");
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
    std::printf("%s{", seed == 1 ? "" : ", ");
    print("plain", plain);
    std::printf(", ");
    print("fine", fine);
    std::printf(", \"coarseEvaluations\": %d, \"coarseSeconds\": %.6g, \"isUsed\": %s}", start.coarse_evaluations,
                start.coarse_seconds, start.is_used ? "true" : "false");
  }
  std::printf("]}\n");
  return 0;
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  try {
    return tramontana::bench::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "warm_bench: %s\n", error.what());
    return 1;
  }
}

// SPDX-License-Identifier: Apache-2.0
/**
 * A complete grid from data to maps: fields simulated on a torus at fine cells, seen as noisy means of coarse cells,
 * fitted and mapped at the fine cells again. One line of JSON on standard output; bench/grids/ runs it.
 */
#include <cmath>
#include <cstdio>

#include "grid_scenario.hpp"
#include "measure.hpp"
#include "program.hpp"
#include "tramontana/grid.hpp"

namespace tramontana::bench {
namespace {

JsonObject run(const Arguments& arguments) {
  const auto o = GridScenario::from(arguments);
  set_num_threads(arguments.integer("--threads", 1));
  const bool with_fit = arguments.number("--fit", 1) != 0.0;
  const bool with_maps = arguments.number("--maps", 1) != 0.0;
  const auto& backend = host_backend();
  const auto simulation = simulate(o, backend);
  const auto grid = prepare_grid(simulation.model, backend);
  const auto truth = o.theta();
  FitOptions options;
  options.initial_theta = truth;
  for (std::size_t i = 0; i < truth.size(); ++i) options.initial_theta[i] += i % 2 == 0 ? 0.7 : -0.7;
  const auto first = evaluate_grid(*grid, options.initial_theta, true);
  auto theta = truth;
  GridFitResult fitted;
  if (with_fit) {
    fitted = fit_grid(*grid, options, nullptr, [](const OptimizerState& state) {
      std::fprintf(stderr, "%3d evaluations: objective %.3f\n", state.evaluations, state.objective);
    });
    theta = fitted.state.theta;
  }
  MapScores scores;
  const double seconds_maps = with_maps ? seconds_of([&] { scores = score_maps(o, *grid, simulation, theta); }) : 0.0;
  std::vector<double> sds;
  for (std::size_t i = 0; i < theta.size(); ++i) {
    sds.push_back(with_fit ? std::sqrt(fitted.theta_covariance[i * (theta.size() + 1)]) : 0.0);
  }
  const auto mean_of = [&](double sum) { return with_maps ? sum / scores.count : 0.0; };
  const auto range =
      JsonObject().add("truth", o.range).add("estimate", std::exp(theta[0])).add("sd", std::exp(theta[0]) * sds[0]);
  return JsonObject()
      .add("cells", o.rows * o.columns)
      .add("days", o.steps)
      .add("pollutants", o.processes)
      .add("secondsEvaluation", first.seconds)
      .add("secondsFit", fitted.seconds)
      .add("secondsMaps", seconds_maps)
      .add("peakBytes", peak_bytes(), 12)
      .add("rmse", std::sqrt(mean_of(scores.squares)))
      .add("rmseBilinear", std::sqrt(mean_of(scores.bilinear_squares)))
      .add("coverage95", mean_of(scores.covered))
      .add("rangeKm", range)
      .add("evaluations", fitted.state.evaluations)
      .add("converged", fitted.state.converged)
      .add("theta", theta)
      .add("thetaTruth", truth)
      .add("thetaSd", sds);
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  return tramontana::bench::run_program("grids_bench", count, arguments, tramontana::bench::run);
}

// SPDX-License-Identifier: Apache-2.0
/**
 * Bias and coverage of the hyperparameters of complete grids, by simulation: fields from the plane's law on a torus,
 * cropped, fitted with the default options. One line of JSON on standard output; bench/grids/ runs it.
 */
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

#include "grid_scenario.hpp"
#include "measure.hpp"
#include "program.hpp"
#include "tramontana/grid.hpp"

namespace tramontana::bench {
namespace {

constexpr double normal_quantile = 1.959963984540054;

/** One component of theta over the replicates, relative to its own scale: theta is a logarithm. */
struct ComponentScores {
  double natural = 0.0;  ///< sum of estimate / truth
  double logs = 0.0;     ///< sum of theta - truth
  double squares = 0.0;
  double reported = 0.0;  ///< sum of the reported variances
  double covered = 0.0;
};

JsonObject run(const Arguments& arguments) {
  auto scenario = GridScenario::from(arguments);
  const int replicates = arguments.integer("--replicates", 150);
  const bool with_maps = arguments.number("--maps", 1) != 0.0;
  const std::uint64_t first = scenario.seed;
  set_num_threads(arguments.integer("--threads", 1));
  const auto& backend = host_backend();
  const auto truth = scenario.theta();
  const std::size_t d = truth.size();
  std::vector<ComponentScores> scores(d);
  MapScores maps;
  double converged = 0.0;
  for (int replicate = 0; replicate < replicates; ++replicate) {
    scenario.seed = first + static_cast<std::uint64_t>(replicate);
    const auto simulation = simulate(scenario, backend);
    const auto grid = prepare_grid(simulation.model, backend);
    FitOptions options;
    options.initial_theta = truth;
    for (std::size_t i = 0; i < d; ++i) options.initial_theta[i] += i % 2 == 0 ? 0.5 : -0.5;
    const auto fitted = fit_grid(*grid, options, nullptr, [](const OptimizerState&) {});
    converged += fitted.state.converged ? 1.0 : 0.0;
    for (std::size_t i = 0; i < d; ++i) {
      const double error = fitted.state.theta[i] - truth[i];
      const double variance = fitted.theta_covariance[i * (d + 1)];
      auto& of = scores[i];
      // Of the noise the standard deviation is estimated, theta is the logarithm of its precision.
      of.natural += std::exp(i == grid->layout().likelihood(0).front() ? -0.5 * error : error);
      of.logs += error;
      of.squares += error * error;
      of.reported += variance;
      of.covered += std::abs(error) <= normal_quantile * std::sqrt(variance) ? 1.0 : 0.0;
    }
    if (with_maps) {
      const auto found = score_maps(scenario, *grid, simulation, fitted.state.theta);
      maps.covered += found.covered;
      maps.count += found.count;
      maps.squares += found.squares;
      maps.bilinear_squares += found.bilinear_squares;
    }
    if ((replicate + 1) % 10 == 0) std::fprintf(stderr, "%d of %d\n", replicate + 1, replicates);
  }
  const double count = static_cast<double>(replicates);
  const auto each = [&](const std::function<double(const ComponentScores&)>& of) {
    std::vector<double> values;
    for (const auto& score : scores) values.push_back(of(score));
    return values;
  };
  const auto mean_of = [&](double sum) { return with_maps ? sum / maps.count : 0.0; };
  return JsonObject()
      .add("cells", scenario.rows * scenario.columns)
      .add("days", scenario.steps)
      .add("range", scenario.range)
      .add("replicates", replicates)
      .add("converged", converged / count)
      .add("bias", each([&](const ComponentScores& s) { return s.natural / count - 1.0; }))
      .add("biasOfLog", each([&](const ComponentScores& s) { return s.logs / count; }))
      .add("scatter", each([&](const ComponentScores& s) {
             return std::sqrt(std::max(0.0, s.squares / count - std::pow(s.logs / count, 2)));
           }))
      .add("sd", each([&](const ComponentScores& s) { return std::sqrt(s.reported / count); }))
      .add("coverage95", each([&](const ComponentScores& s) { return s.covered / count; }))
      .add("cellCoverage95", mean_of(maps.covered))
      .add("rmse", std::sqrt(mean_of(maps.squares)))
      .add("rmseBilinear", std::sqrt(mean_of(maps.bilinear_squares)));
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  return tramontana::bench::run_program("grids_coverage_bench", count, arguments, tramontana::bench::run);
}

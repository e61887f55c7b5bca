// SPDX-License-Identifier: Apache-2.0
/**
 * One model, three routes: textbook block Cholesky with central differences, the same with selected inversion and
 * adjoint gradient, and the engine. Prints one line of JSON; bench/engine/ runs it model by model.
 */
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <random>

#include "grid_model.hpp"
#include "matrix/block_memory.hpp"
#include "measure.hpp"
#include "textbook_route.hpp"
#include "timed_backend.hpp"
#include "tramontana/engine.hpp"

namespace tramontana::bench {
namespace {

struct EngineMeasurement {
  Evaluation evaluation;
  double seconds = 0.0;
  double inversion_flops_per_second = 0.0;
  double peak_bytes = 0.0;
  int num_evaluations = 0;
};

EngineMeasurement measure_engine(const EngineModel& model, const std::vector<double>& theta, int num_threads) {
  set_num_threads(num_threads);
  const TimedBackend backend(host_backend());
  const auto prepared = prepare_model(model, backend);
  EvaluationOptions options;
  options.gradient = true;
  // As within a fit, blocks of one evaluation serve the next one.
  const KeepBlocks keep_blocks;
  EngineMeasurement measured;
  measured.evaluation = evaluate(*prepared, theta, options);
  auto& timed = const_cast<TimedBackend&>(backend);
  measured.seconds = best_seconds(
      2,
      [&] {
        timed.reset();
        const auto evaluation = evaluate(*prepared, theta, options);
        measured.inversion_flops_per_second =
            std::max(measured.inversion_flops_per_second, timed.inversion_flops() / timed.inversion_seconds());
      },
      &measured.num_evaluations);
  measured.peak_bytes = peak_bytes();
  return measured;
}

double relative_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0.0;
  double scale = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(a[i] - b[i]));
    scale = std::max(scale, std::abs(b[i]));
  }
  return largest / scale;
}

struct DifferencesMeasurement {
  double seconds = 0.0;  ///< of 2 d + 1 evaluations
  double gradient_difference = 0.0;
  bool complete = false;
};

/**
 * The whole gradient where it fits into the budget; otherwise one directional derivative, whose evaluations stand for
 * the others: each does the same work.
 */
DifferencesMeasurement measure_differences(TextbookRoute& textbook, const std::vector<double>& theta,
                                           const std::vector<double>& gradient, double budget_seconds) {
  constexpr double step = 1e-4;
  const auto num_evaluations = static_cast<double>(2 * theta.size() + 1);
  double start = now_seconds();
  (void)textbook.objective(theta);
  const double one = now_seconds() - start;
  DifferencesMeasurement measured;
  if (one * num_evaluations <= budget_seconds) {
    start = now_seconds();
    const auto answer = textbook.objective_and_differences(theta, step);
    measured.seconds = now_seconds() - start;
    measured.gradient_difference = relative_difference(answer.gradient, gradient);
    measured.complete = true;
    return measured;
  }
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  auto above = theta;
  auto below = theta;
  double expected = 0.0;
  double scale = 0.0;
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const double direction = normal(random);
    above[i] += step * direction;
    below[i] -= step * direction;
    expected += gradient[i] * direction;
    scale = std::max(scale, std::abs(gradient[i]));
  }
  start = now_seconds();
  const double slope = (textbook.objective(above) - textbook.objective(below)) / (2.0 * step);
  const double two = now_seconds() - start;
  measured.seconds = std::min(one, 0.5 * two) * num_evaluations;
  measured.gradient_difference = std::abs(slope - expected) / scale;
  return measured;
}

int run(int count, const char* const* arguments) {
  const auto option = [&](const char* name, double fallback) {
    return number_option(count, arguments, name, fallback);
  };
  GridModelOptions grid;
  grid.num_nodes = static_cast<int>(option("--nodes", 100));
  grid.num_steps = static_cast<int>(option("--steps", 8));
  grid.num_processes = static_cast<int>(option("--processes", 1));
  grid.complete = option("--complete", 1) != 0.0;
  const int num_threads = static_cast<int>(option("--threads", 1));
  const double budget_seconds = option("--difference-budget-seconds", 10.0);
  const auto model = grid_model(grid);
  const auto theta = grid_theta(grid);
  const double dgemm = dgemm_flops_per_second(num_threads);

  // The engine first: the peak of its memory is then that of the process.
  const auto engine = measure_engine(model, theta, num_threads);
  set_library_threads(num_threads);
  TextbookRoute textbook(model);
  TextbookAnswer adjoint;
  int num_adjoint = 0;
  const double adjoint_seconds = best_seconds(
      1, [&] { adjoint = textbook.objective_and_gradient(theta); }, &num_adjoint);
  const auto differences = measure_differences(textbook, theta, engine.evaluation.gradient, budget_seconds);

  const double block_size = static_cast<double>(grid.num_nodes) * grid.num_processes;
  std::printf(
      "{\"n_s\": %d, \"n_t\": %d, \"n_v\": %d, \"n\": %.0f, \"complete\": %s, "
      "\"seconds\": {\"textbookFd\": %.6g, \"textbookAdjoint\": %.6g, \"engine\": %.6g}, "
      "\"ratioAdjoint\": %.6g, \"ratioFd\": %.6g, \"gflops\": %.6g, \"dgemmShare\": %.6g, \"peakBytes\": %.0f, "
      "\"evaluations\": %d, \"fdMeasuredWhole\": %s, \"dgemmGflops\": %.6g, "
      "\"agreement\": {\"objective\": %.3g, \"gradientAdjoint\": %.3g, \"gradientFd\": %.3g}, \"recursion\": \"%s\", "
      "\"blas\": \"%s\"}\n",
      grid.num_nodes, grid.num_steps, grid.num_processes, block_size, grid.complete ? "true" : "false",
      differences.seconds, adjoint_seconds, engine.seconds, adjoint_seconds / engine.seconds,
      differences.seconds / engine.seconds, 1e-9 * engine.inversion_flops_per_second,
      engine.inversion_flops_per_second / dgemm, engine.peak_bytes, engine.num_evaluations,
      differences.complete ? "true" : "false", 1e-9 * dgemm,
      std::abs(adjoint.objective - engine.evaluation.objective) / std::abs(engine.evaluation.objective),
      relative_difference(adjoint.gradient, engine.evaluation.gradient), differences.gradient_difference,
      engine.evaluation.recursion.c_str(), blas_name().c_str());
  return 0;
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  try {
    return tramontana::bench::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "engine_bench: %s\n", error.what());
    return 1;
  }
}

// SPDX-License-Identifier: Apache-2.0
/**
 * One model, three routes: textbook block Cholesky with central differences, the same with selected inversion and
 * adjoint gradient, and the engine. Prints one line of JSON; bench/engine/ runs it model by model.
 */
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>

#include "grid_model.hpp"
#include "matrix/block_memory.hpp"
#include "measure.hpp"
#include "program.hpp"
#include "textbook_route.hpp"
#include "timed_backend.hpp"
#include "tramontana/engine.hpp"

namespace tramontana::bench {
namespace {

struct EngineMeasurement {
  Evaluation evaluation;
  double seconds = std::numeric_limits<double>::infinity();
  double inversion_flops_per_second = 0.0;
  double dgemm_flops_per_second = 0.0;
  double dgemm_share = 0.0;
  double peak_bytes = 0.0;
  int num_evaluations = 0;
};

/** Between evaluations dgemm is measured, for the clock of a processor changes with its load and its temperature. */
EngineMeasurement measure_engine(const EngineModel& model, const std::vector<double>& theta, int num_threads) {
  set_num_threads(num_threads);
  TimedBackend backend(host_backend());
  const auto prepared = prepare_model(model, backend);
  EvaluationOptions options;
  options.gradient = true;
  // As within a fit, blocks of one evaluation serve the next one.
  const KeepBlocks keep_blocks;
  EngineMeasurement measured;
  measured.evaluation = evaluate(*prepared, theta, options);
  std::vector<double> shares;
  double dgemm_before = dgemm_flops_per_second(num_threads, 2);
  for (double total = 0.0; shares.size() < 3 || (total < 1.0 && shares.size() < 20);) {
    backend.reset();
    const double seconds = seconds_of([&] { measured.evaluation = evaluate(*prepared, theta, options); });
    total += seconds;
    measured.seconds = std::min(measured.seconds, seconds);
    const double rate = backend.inversion_flops() / backend.inversion_seconds();
    const double dgemm = dgemm_flops_per_second(num_threads, 2);
    measured.inversion_flops_per_second = std::max(measured.inversion_flops_per_second, rate);
    measured.dgemm_flops_per_second = std::max({measured.dgemm_flops_per_second, dgemm, dgemm_before});
    shares.push_back(rate / (0.5 * (dgemm + dgemm_before)));
    dgemm_before = dgemm;
  }
  measured.dgemm_share = median(shares);
  measured.num_evaluations = static_cast<int>(shares.size());
  measured.peak_bytes = peak_bytes();
  return measured;
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

JsonObject run(const Arguments& arguments) {
  GridModelOptions grid;
  grid.num_nodes = arguments.integer("--nodes", 100);
  grid.num_steps = arguments.integer("--steps", 8);
  grid.num_processes = arguments.integer("--processes", 1);
  grid.complete = arguments.number("--complete", 1) != 0.0;
  const int num_threads = arguments.integer("--threads", 1);
  set_clock(num_threads == 1 ? Clock::processor : Clock::wall);
  const double budget_seconds = arguments.number("--difference-budget-seconds", 10.0);
  const auto model = grid_model(grid);
  const auto theta = grid_theta(grid);

  // The engine first: the peak of its memory is then that of the process.
  const auto engine = measure_engine(model, theta, num_threads);
  set_library_threads(num_threads);
  TextbookRoute textbook(model);
  TextbookAnswer adjoint;
  const double adjoint_seconds = best_seconds(1, [&] { adjoint = textbook.objective_and_gradient(theta); });
  const auto differences = measure_differences(textbook, theta, engine.evaluation.gradient, budget_seconds);

  const auto seconds = JsonObject()
                           .add("textbookFd", differences.seconds)
                           .add("textbookAdjoint", adjoint_seconds)
                           .add("engine", engine.seconds);
  const double objective = engine.evaluation.objective;
  const auto agreement =
      JsonObject()
          .add("objective", std::abs(adjoint.objective - objective) / std::abs(objective), 3)
          .add("gradientAdjoint", relative_difference(adjoint.gradient, engine.evaluation.gradient), 3)
          .add("gradientFd", differences.gradient_difference, 3);
  return JsonObject()
      .add("n_s", grid.num_nodes)
      .add("n_t", grid.num_steps)
      .add("n_v", grid.num_processes)
      .add("n", grid.num_nodes * grid.num_processes)
      .add("complete", grid.complete)
      .add("seconds", seconds)
      .add("ratioAdjoint", adjoint_seconds / engine.seconds)
      .add("ratioFd", differences.seconds / engine.seconds)
      .add("gflops", 1e-9 * engine.inversion_flops_per_second)
      .add("dgemmShare", engine.dgemm_share)
      .add("peakBytes", engine.peak_bytes, 12)
      .add("evaluations", engine.num_evaluations)
      .add("fdMeasuredWhole", differences.complete)
      .add("dgemmGflops", 1e-9 * engine.dgemm_flops_per_second)
      .add("agreement", agreement)
      .add("recursion", engine.evaluation.recursion)
      .add("blas", blas_name());
}

}  // namespace
}  // namespace tramontana::bench

int main(int count, char** arguments) {
  return tramontana::bench::run_program("engine_bench", count, arguments, tramontana::bench::run);
}

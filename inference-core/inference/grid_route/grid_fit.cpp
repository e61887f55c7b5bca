// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "grid/grid_information.hpp"
#include "grid/prepared_grid.hpp"
#include "grid/score_covariance.hpp"
#include "inference/optimiser/agreed_point.hpp"
#include "inference/optimiser/search_optimum.hpp"
#include "inference/posterior/shared_evaluations.hpp"
#include "model/priors.hpp"

namespace tramontana {
namespace {

class GridPoint final : public SearchPoint {
 public:
  GridPoint(const PreparedGrid& grid, std::span<const double> theta, Communicator ranks,
            const CancellationToken* cancellation)
      : grid_(grid),
        theta_(theta.begin(), theta.end()),
        ranks_(std::move(ranks)),
        cancellation_(cancellation),
        evaluation_(evaluate_grid(grid, theta, true, cancellation)) {}

  [[nodiscard]] double objective() const override { return evaluation_.objective; }
  [[nodiscard]] std::vector<double> gradient() const override { return evaluation_.gradient; }
  /** The average information is positive; what it differs from the Hessian is left to the secants. */
  [[nodiscard]] CurvatureEstimate curvature() const override {
    std::vector<double> information;
    ranks_.agree([&] { information = average_information(grid_, theta_, evaluation_, cancellation_); });
    const auto& priors = grid_.model().priors;
    const std::size_t d = theta_.size();
    for (std::size_t i = 0; i < d; ++i) {
      information[i * d + i] += std::max(0.0, -log_prior(priors[i], theta_[i]).curvature);
    }
    return {information, information};
  }
  [[nodiscard]] double rounding_error() const override { return 0.0; }

 private:
  const PreparedGrid& grid_;
  std::vector<double> theta_;
  Communicator ranks_;
  const CancellationToken* cancellation_;
  GridEvaluation evaluation_;
};

class GridTarget final : public SearchTarget {
 public:
  GridTarget(const PreparedGrid& grid, const EvaluationOptions& options, const CancellationToken* cancellation)
      : grid_(grid), options_(options), cancellation_(cancellation) {}

  [[nodiscard]] std::unique_ptr<SearchPoint> at(std::span<const double> theta) const override {
    const auto ranks = ranks_of(options_);
    std::unique_ptr<SearchPoint> point;
    ranks.agree([&] { point = std::make_unique<GridPoint>(grid_, theta, ranks, cancellation_); });
    return agreed_point(std::move(point), ranks);
  }
  [[nodiscard]] const Backend& backend() const override { return grid_.backend(); }
  [[nodiscard]] bool has_faithful_curvature() const override { return false; }
  [[nodiscard]] std::vector<std::vector<double>> run_some(std::span<const double> /*theta*/, std::size_t first,
                                                          std::size_t last, const Job& job) const override {
    // One evaluation is not shared: as many at once as there are ranks.
    const SharedEvaluations shared(grid_.backend(), options_, ranks_of(options_).size(), 0.0);
    const GridTarget of_group(grid_, shared.options(), cancellation_);
    return shared.run(std::min(shared.num_at_once(), last - first),
                      [&](std::size_t k) { return job(first + k, of_group); });
  }

 private:
  const PreparedGrid& grid_;
  const EvaluationOptions& options_;
  const CancellationToken* cancellation_;
};

double standard_deviation(const GridModel& model, std::size_t process) {
  double sum = 0.0;
  double squares = 0.0;
  double count = 0.0;
  for (const auto& group : model.groups) {
    if (static_cast<std::size_t>(group.process) != process) continue;
    for (const double value : group.y) {
      sum += value;
      squares += value * value;
      count += 1.0;
    }
  }
  const double variance = squares / count - (sum / count) * (sum / count);
  return variance > 0.0 && std::isfinite(variance) ? std::sqrt(variance) : 1.0;
}

ThetaBounds default_bounds(const PreparedGrid& grid) {
  const auto& model = grid.model();
  ThetaScales scales;
  scales.shortest_length = std::min(model.grid.cell_height, model.grid.cell_width);
  scales.longest_length = std::hypot(grid.rows_axis().length(), grid.columns_axis().length());
  scales.whole_period = static_cast<double>(grid.num_steps());
  for (std::size_t process = 0; process < grid.num_processes(); ++process) {
    scales.sd.push_back(standard_deviation(model, process));
  }
  for (const auto& group : model.groups) scales.group_process.push_back(static_cast<std::size_t>(group.process));
  return bounds_for(grid.layout(), model.priors, scales);
}

/** Relative error of a standard deviation of theta of 7 %. */
constexpr std::size_t num_score_draws = 100;

/**
 * H^-1 (J + P) H^-1: what the mode scatters by, and what the priors alone say of it. Where indices are independent J is
 * the information of the data, and this the inverse Hessian.
 */
std::vector<double> sandwich(const PreparedGrid& grid, std::span<const double> theta,
                             const std::vector<double>& inverse_hessian, const CancellationToken* cancellation) {
  const std::size_t d = theta.size();
  auto middle = score_covariance(grid, theta, num_score_draws, cancellation);
  for (std::size_t i = 0; i < d; ++i) {
    middle[i * d + i] += std::max(0.0, -log_prior(grid.model().priors[i], theta[i]).curvature);
  }
  const ConstMatrixView outer{inverse_hessian.data(), d, d, d};
  DenseMatrix half(d, d);
  grid.backend().dense().multiply(Transpose::no, Transpose::no, 1.0, outer, ConstMatrixView{middle.data(), d, d, d},
                                  0.0, half.view());
  std::vector<double> result(d * d);
  grid.backend().dense().multiply(Transpose::no, Transpose::no, 1.0, half.view(), outer, 0.0,
                                  MatrixView{result.data(), d, d, d});
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      result[i * d + j] = result[j * d + i] = 0.5 * (result[i * d + j] + result[j * d + i]);
    }
  }
  return result;
}

}  // namespace

GridFitResult fit_grid(const PreparedGrid& grid, const FitOptions& options, const OptimizerState* resume_from,
                       const std::function<void(const OptimizerState&)>& on_iteration,
                       const CancellationToken* cancellation) {
  const auto start = std::chrono::steady_clock::now();
  options.validate(grid.layout().size());
  const ThetaBox box(grid.layout().names(), default_bounds(grid), options);
  GridFitResult result{
      search_optimum(GridTarget(grid, options.evaluation, cancellation), box, options, resume_from, on_iteration)
          .result,
      {}};
  if (!result.theta_covariance.empty()) {
    result.theta_covariance = sandwich(grid, result.state.theta, result.theta_covariance, cancellation);
  }
  result.evaluation = evaluate_grid(grid, result.state.theta, true, cancellation);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace tramontana

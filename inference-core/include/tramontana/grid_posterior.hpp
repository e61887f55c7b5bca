// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "tramontana/grid.hpp"
#include "tramontana/integration.hpp"
#include "tramontana/leave_out.hpp"
#include "tramontana/sampling.hpp"

/** What follows from the fit of a complete grid: maps, theta integrated out, joint draws, values left out, gaps. */
namespace tramontana {

/**
 * Mean and standard deviation of predictors over a mixture of theta: the means of all points and, at steps without data
 * of the process, their variances; at others the variance of predict_grid() at the one of largest weight. There the
 * mean of the variances differs from it by hundredths, in second order of what theta leaves open.
 *
 * @param on_progress  called with (points and designs done, and in all) from the calling thread; may be empty
 * @throws InvalidModel, NotPositiveDefinite, Interrupted
 */
[[nodiscard]] std::vector<MixtureMoments> map_grid(const PreparedGrid& grid, std::span<const SamplingPoint> points,
                                                   std::span<const GridPredictionDesign> designs,
                                                   const std::function<void(int, int)>& on_progress,
                                                   const CancellationToken* cancellation = nullptr);

struct GridIntegrationOptions {
  /**
   * Evaluations, of the likelihood with its gradient, that the points may take all together, counted by flops: within
   * them theta is integrated out (cubature) with the variances of every point, else with those of the mode at the steps
   * with data, as map_grid() has it, else theta is taken at its mode. Without a limit every point has its variances.
   */
  std::optional<double> most_evaluations;
  /** DIC, WAIC, CPO and PIT, at the mode of theta. */
  bool criteria = true;
  std::vector<GridPredictionDesign> predictions;
  /** Called with (points done, points in all) from the calling thread. */
  std::function<void(int, int)> on_progress;
};

/**
 * The posterior with theta integrated out: theta ~ N(mode, theta_covariance), with the covariance of fit_grid(), so
 * that its intervals are right although the likelihood is a composite one.
 *
 * Criteria are those of the expected covariance, every observation left out in turn: with P the precision of all values
 * given theta, fixed effects integrated out, y_i - (P y)_i / P_ii and 1 / P_ii are its mean and variance given the
 * rest.
 *
 * @throws InvalidModel, NotPositiveDefinite at the mode, Interrupted
 */
[[nodiscard]] IntegrationResult integrate_grid(const PreparedGrid& grid, std::span<const double> mode,
                                               std::span<const double> theta_covariance,
                                               const GridIntegrationOptions& options,
                                               const CancellationToken* cancellation = nullptr);

/** Called with (sample, design, map [time_indices][rows][columns]) from the calling thread, sample by sample. */
using TakeGridSample = std::function<void(std::size_t, std::size_t, std::span<const double>)>;

/**
 * Joint draws of predictors without noise, theta drawn from the points by systematic resampling: exact for the prior of
 * predict_grid(), but that modes beyond the kept ones are drawn for each rectangle and step by itself. Equal seeds give
 * equal draws.
 *
 * Memory: a few draws at a time; what `take` keeps is its own.
 *
 * @throws InvalidModel, NotPositiveDefinite, Interrupted
 */
void sample_grid(const PreparedGrid& grid, std::span<const SamplingPoint> points,
                 std::span<const GridPredictionDesign> designs, std::size_t num_samples, std::uint64_t seed,
                 const TakeGridSample& take, const CancellationToken* cancellation = nullptr);

/** All of some consecutive steps of a design above a threshold. */
struct ExceedanceRuns {
  std::size_t design = 0;
  double threshold = 0.0;
  std::size_t steps = 1;  ///< in a row
};

/** Weighted sums over the cells of a design, such as means over municipalities: rows of a sparse matrix. */
struct AreaMeans {
  std::size_t design = 0;
  std::vector<std::int32_t> row_pointers;  ///< areas + 1
  std::vector<std::int32_t> cells;         ///< row * columns + column
  std::vector<double> weights;
};

struct GridSampleRequest {
  std::vector<GridPredictionDesign> designs;
  /** Of each design none, or for each of its steps the sd of an error that all its cells share. */
  std::vector<std::vector<double>> step_error_sds;
  std::vector<ExceedanceRuns> runs;
  std::vector<AreaMeans> areas;
  std::size_t num_samples = 200;
  std::uint64_t seed = 1;
  /** Called with (samples done, samples in all) from the calling thread. */
  std::function<void(int, int)> on_progress;
};

struct GridSampleSummary {
  /** Of each request [last step of the run][row][column]: share of the samples; steps - 1 fewer than the design's. */
  std::vector<std::vector<double>> runs;
  std::vector<std::vector<double>> areas;  ///< of each request [sample][step][area]
};

/**
 * What only joint draws tell: runs of exceedances and means over areas, from sample_grid(), nothing else kept.
 *
 * @throws InvalidModel naming the field, NotPositiveDefinite, Interrupted
 */
[[nodiscard]] GridSampleSummary summarise_samples(const PreparedGrid& grid, std::span<const SamplingPoint> points,
                                                  const GridSampleRequest& request,
                                                  const CancellationToken* cancellation = nullptr);

/**
 * The same for data with gaps, NaN in y: up to a quarter of a group's values, and no whole step, which is left out of
 * time_index instead. Without gaps these are the functions above.
 *
 * theta is estimated from data whose gaps are filled by a draw given the others, once at a first estimate (of gaps
 * filled with the means of their steps) and once at that of the first such draw; `on_iteration` tells of the last
 * search alone. Maps have the mean of data whose gaps are filled with their conditional mean, which is exact, and the
 * variance of complete data plus that of the means over draws of the gaps. Criteria and the marginal
 * likelihood of integrate_grid() are those of the values that are there; objective and evaluation of a fit are those of
 * filled data.
 *
 * @throws as the functions above, and NotPositiveDefinite where gaps cannot be filled
 */
[[nodiscard]] GridFitResult fit_grid(GridModel model, const Backend& backend, const FitOptions& options,
                                     const OptimizerState* resume_from,
                                     const std::function<void(const OptimizerState&)>& on_iteration,
                                     const CancellationToken* cancellation = nullptr);
[[nodiscard]] IntegrationResult integrate_grid(GridModel model, const Backend& backend, std::span<const double> mode,
                                               std::span<const double> theta_covariance,
                                               const GridIntegrationOptions& options,
                                               const CancellationToken* cancellation = nullptr);
[[nodiscard]] std::vector<MixtureMoments> map_grid(GridModel model, const Backend& backend,
                                                   std::span<const SamplingPoint> points,
                                                   std::span<const GridPredictionDesign> designs,
                                                   const std::function<void(int, int)>& on_progress,
                                                   const CancellationToken* cancellation = nullptr);
[[nodiscard]] GridSampleSummary summarise_samples(GridModel model, const Backend& backend,
                                                  std::span<const SamplingPoint> points,
                                                  const GridSampleRequest& request,
                                                  const CancellationToken* cancellation = nullptr);

/**
 * Leave-group-out cross-validation with the expected covariance at a theta that is kept, as leave_groups_out() on a
 * mesh: folds are any values, such as all of a cell, a block of cells on all steps, or a whole step. With S a fold and
 * P the precision of all values, its values given the rest are N(y_S - P_SS^-1 (P y)_S, P_SS^-1).
 *
 * Cost: a product with P for each value of the folds, and the cube of the largest one. Memory: cells times rows
 * squared.
 *
 * @param folds  a group, then the fold of each of its values, or -1
 * @throws InvalidModel for folds that do not fit or hold more than 8192 values; NotPositiveDefinite, Interrupted
 */
[[nodiscard]] LeaveOutResult leave_grid_groups_out(const PreparedGrid& grid, std::span<const double> theta,
                                                   std::span<const std::vector<std::int32_t>> folds,
                                                   const CancellationToken* cancellation = nullptr);

}  // namespace tramontana

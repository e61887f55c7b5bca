// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tramontana/cancellation.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/engine_model.hpp"
#include "tramontana/errors.hpp"
#include "tramontana/fit.hpp"

/**
 * Complete regular grids without a mesh: cell means of coregionalised stationary fields, whole days at a time.
 *
 * In the orthonormal DCT-II of the grid the data fall apart into one small Gaussian for each index q of a cell: order
 * n_v n_t, so that the cost is linear in the cells. Parameters are estimated with the expected covariance of the DCT
 * coefficients of the field on the plane (docs/mathematics.md, section 9; a debiased Whittle likelihood
 * [Guillaumin2022]): no boundary condition biases them.
 */
namespace tramontana {

class PreparedGrid;

/** Cells of one size without gaps; row 0 and column 0 are one corner, whichever. */
struct RegularGrid {
  std::int32_t num_rows = 0;
  std::int32_t num_columns = 0;
  double cell_height = 0.0;  ///< in the unit of the ranges
  double cell_width = 0.0;
};

/** Gaussian observations of one process with one noise: a value for each cell at each of some steps. */
struct GridGroup {
  std::int32_t process = 0;
  std::vector<std::int32_t> time_index;  ///< 0-based, ascending
  std::vector<double> y;                 ///< [time_index.size()][num_rows][num_columns], row-major
  std::vector<double> covariates;        ///< [num_covariates][num_rows][num_columns]: the same at all steps
  std::int32_t num_covariates = 0;       ///< equal in all groups of a process
  std::vector<double> weights;           ///< relative precision of each step; empty: 1
};

/** eta = v_j + X beta_j at the cells; v as in EngineModel, its fields stationary on the plane. */
struct GridModel {
  ModelKind kind = ModelKind::exact_diffusion;  ///< exact_diffusion, separable or spatial
  RegularGrid grid;
  std::int32_t num_time_steps = 1;
  std::vector<GridGroup> groups;  ///< at least one a process
  double fixed_effects_prior_precision = 0.001;
  std::vector<ThetaPrior> priors;  ///< one a component of theta, in the order of EngineModel's
};

/**
 * Validates a model and transforms its data.
 *
 * The result is immutable and may be shared by threads; `backend` must outlive it.
 *
 * @throws InvalidModel  naming the field, the expectation and the value
 */
[[nodiscard]] std::shared_ptr<const PreparedGrid> prepare_grid(GridModel model, const Backend& backend);

/** Names of the components of theta, in order. */
[[nodiscard]] const std::vector<std::string>& theta_names(const PreparedGrid& grid);

/** One evaluation; the gradient is empty unless asked for. */
struct GridEvaluation {
  /** -[log p(theta) + log p(y | theta)] without (m/2) log 2 pi and Gaussian-prior normalisers. */
  double objective = 0.0;
  std::vector<double> gradient;
  std::vector<double> fixed_effect_means;
  std::vector<double> fixed_effect_covariance;  ///< row-major
  double log_marginal_likelihood = 0.0;         ///< all constants included
  double log_posterior = 0.0;                   ///< log p(y | theta) + log p(theta), all constants included
  double seconds = 0.0;
};

/**
 * Evaluates the likelihood with the expected covariance of the DCT coefficients at theta.
 *
 * Cost for m rows (group and step) and M cells: M m^3 flops, with or without gradient.
 *
 * @throws InvalidModel         theta has the wrong length or is not finite
 * @throws NotPositiveDefinite  with index and theta
 * @throws Interrupted
 */
[[nodiscard]] GridEvaluation evaluate_grid(const PreparedGrid& grid, std::span<const double> theta, bool with_gradient,
                                           const CancellationToken* cancellation = nullptr);

struct GridFitResult : SearchResult {
  GridEvaluation evaluation;  ///< at the mode
};

/**
 * Finds the mode of the likelihood with the expected covariance and the priors, as fit() does on a mesh; the curvature
 * of a step is the average information of the data [Gilmour1995], and the Hessian at the end is made of differences of
 * exact gradients.
 *
 * theta_covariance is H^-1 (J + P) H^-1 (docs/mathematics.md, section 9), J the covariance of the score of fields that
 * are simulated at the mode, P the curvature of the priors: coefficients of neighbouring indices depend on each other,
 * and the Hessian H of the composite likelihood alone would call theta better known than it is.
 *
 * Cost: an evaluation with gradient for each trial, as much again for each step.
 *
 * @throws as fit()
 */
[[nodiscard]] GridFitResult fit_grid(const PreparedGrid& grid, const FitOptions& options,
                                     const OptimizerState* resume_from,
                                     const std::function<void(const OptimizerState&)>& on_iteration,
                                     const CancellationToken* cancellation = nullptr);

/** Intervals of one width along an axis of the grid, by their centres' distances from the corner of cell 0. */
struct GridIntervals {
  std::vector<double> centres;  ///< within the axis
  double width = 0.0;           ///< 0: points
};

/** Predictors without noise to be summarised: means over rectangles, at some steps. */
struct GridPredictionDesign {
  std::int32_t process = 0;
  std::vector<std::int32_t> time_indices;  ///< any steps of the model, observed or not
  GridIntervals rows;
  GridIntervals columns;
  std::vector<double> covariates;  ///< [covariate of the process][row][column], row-major
  /** Modes a data cell and axis: those beyond it add a known variance, the same everywhere. At least 1, odd. */
  std::int32_t modes_per_cell = 5;
};

/**
 * Posterior mean and variance of predictors, with the cosine modes of the grid's rectangle as the prior of the fields:
 * exact for that prior, whose only approximation is that fields have no slope at the edges.
 *
 *     E w_k = b_k' C_q^-1 (Z_q - X_q beta),   Cov(w_k, w_l) = delta_kl s_k - b_k' C_q^-1 b_l   for k, l seen as q,
 *
 * b_k the covariance of mode k with the rows of q; the mean and the variance between the modes of one index are carried
 * to the rectangles by products with the cosines of each axis.
 *
 * Cost for m rows, M cells, r modes a cell and T steps: M (m^3 + 2 m^2 r^2 T) flops and products of the axes.
 * Memory: T maps of each quantity.
 *
 * @return row-major [time_indices][rows][columns]
 * @throws InvalidModel, NotPositiveDefinite, Interrupted
 */
[[nodiscard]] PredictionMoments predict_grid(const PreparedGrid& grid, std::span<const double> theta,
                                             const GridPredictionDesign& design,
                                             const CancellationToken* cancellation = nullptr);

}  // namespace tramontana

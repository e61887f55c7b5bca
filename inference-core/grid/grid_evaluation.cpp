// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <numbers>
#include <utility>

#include "grid/effects_posterior.hpp"
#include "grid/index_covariance.hpp"
#include "grid/index_runs.hpp"
#include "grid/index_solution.hpp"
#include "grid/prepared_grid.hpp"
#include "model/priors.hpp"

namespace tramontana {
namespace {

/** The determinant and inner products of a run of indices. */
struct Chunk {
  double log_determinant = 0.0;
  DenseMatrix products;  ///< [z X]' C^-1 [z X], summed over the run
};

/** One theta: what the indices give, then the fixed effects, then the gradient. */
class GridLikelihood {
 public:
  GridLikelihood(const PreparedGrid& grid, std::span<const double> theta, bool with_gradient,
                 const CancellationToken* cancellation)
      : grid_(grid),
        theta_(theta),
        with_gradient_(with_gradient),
        covariance_(grid, theta, with_gradient),
        num_rows_(grid.rows().size()),
        num_columns_(1 + grid.num_fixed_effects()),
        runs_(grid, cancellation),
        chunks_(runs_.size()) {
    if (with_gradient_) {
      solutions_ = DenseMatrix(num_rows_, num_columns_ * grid.num_cells());
      sums_ = DenseMatrix::zero(covariance_.num_sums(), grid.num_cells());
    }
  }

  GridEvaluation run() {
    runs_.for_each([this](std::size_t chunk, std::size_t index) { factorise(chunk, index); });
    solve_fixed_effects();
    GridEvaluation result;
    add_objective(result);
    if (with_gradient_) add_gradient(result);
    return result;
  }

 private:
  void factorise(std::size_t chunk, std::size_t index) {
    DenseMatrix covariance(num_rows_, num_rows_);
    covariance_.fill(index, covariance.view());
    const auto solution = solve_index(grid_, index, std::move(covariance), theta_);
    auto& found = chunks_[chunk];
    if (found.products.empty()) found.products = DenseMatrix::zero(num_columns_, num_columns_);
    grid_.backend().dense().multiply(Transpose::yes, Transpose::no, 1.0, solution.columns.view(),
                                     solution.solutions.view(), 1.0, found.products.view());
    found.log_determinant += solution.log_determinant;
    if (!with_gradient_) return;
    std::copy_n(solution.solutions.data(), num_rows_ * num_columns_, solutions_at(index).data);
    covariance_.accumulate(solution.inverse.view(), sums_at(index));
  }

  [[nodiscard]] MatrixView solutions_at(std::size_t index) {
    return solutions_.view().block(0, index * num_columns_, num_rows_, num_columns_);
  }
  [[nodiscard]] std::span<double> sums_at(std::size_t index) {
    return {sums_.view().column(index), covariance_.num_sums()};
  }

  void solve_fixed_effects() {
    DenseMatrix products = DenseMatrix::zero(num_columns_, num_columns_);
    for (const auto& chunk : chunks_) {
      log_determinant_ += chunk.log_determinant;
      for (std::size_t i = 0; i < num_columns_ * num_columns_; ++i) products.data()[i] += chunk.products.data()[i];
    }
    effects_ = effects_posterior(products, grid_.model().fixed_effects_prior_precision, grid_.backend());
    log_determinant_ += effects_.log_determinant;
  }

  void add_objective(GridEvaluation& result) const {
    const double constants = static_cast<double>(grid_.num_observations()) * std::log(2.0 * std::numbers::pi);
    const double negative = 0.5 * (log_determinant_ + effects_.quadratic_form);
    result.log_marginal_likelihood = -negative - 0.5 * constants;
    result.objective = negative;
    result.log_posterior = result.log_marginal_likelihood;
    const auto& priors = grid_.model().priors;
    for (std::size_t i = 0; i < priors.size(); ++i) {
      const double log_density = log_prior(priors[i], theta_[i]).log_density;
      result.objective -= log_density;
      result.log_posterior += log_density + log_prior_normaliser(priors[i]);
    }
    if (!std::isfinite(result.objective)) {
      throw NotPositiveDefinite("The objective of the grid is not finite.",
                                {{"theta", std::vector<double>(theta_.begin(), theta_.end())}});
    }
    const std::size_t p = effects_.mean.size();
    result.fixed_effect_means = effects_.mean;
    result.fixed_effect_covariance.assign(effects_.covariance.data(), effects_.covariance.data() + p * p);
  }

  /** Slopes of a run of indices. */
  struct Slopes {
    std::vector<double> field;
    std::vector<double> coregionalisation;
    std::vector<double> noise;
  };

  void add_gradient(GridEvaluation& result) {
    const Slopes zeros{std::vector<double>(covariance_.num_field_slopes(), 0.0),
                       std::vector<double>(covariance_.num_coregionalisation_slopes(), 0.0),
                       std::vector<double>(covariance_.num_groups(), 0.0)};
    std::vector<Slopes> slopes(chunks_.size(), zeros);
    runs_.for_each([&](std::size_t chunk, std::size_t index) {
      subtract_data_part(index);
      covariance_.add_gradient(index, sums_at(index), slopes[chunk].field, slopes[chunk].coregionalisation,
                               slopes[chunk].noise);
    });
    Slopes total = zeros;
    const auto add = [](std::vector<double>& to, const std::vector<double>& from) {
      for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
    };
    for (const auto& part : slopes) {
      add(total.field, part.field);
      add(total.coregionalisation, part.coregionalisation);
      add(total.noise, part.noise);
    }
    result.gradient.assign(theta_.size(), 0.0);
    covariance_.to_theta(total.field, total.coregionalisation, total.noise, result.gradient);
    const auto& priors = grid_.model().priors;
    for (std::size_t i = 0; i < priors.size(); ++i) result.gradient[i] -= log_prior(priors[i], theta_[i]).slope;
  }

  /** The sums of C^-1 become those of C^-1 - W B^-1 W' - a a', with a = C^-1 (z - X beta) and W = C^-1 X. */
  void subtract_data_part(std::size_t index) {
    const std::size_t p = effects_.mean.size();
    const auto solution = solutions_at(index);
    double* residual = solution.column(0);
    for (std::size_t f = 0; f < p; ++f) {
      for (std::size_t r = 0; r < num_rows_; ++r) residual[r] -= effects_.mean[f] * solution(r, 1 + f);
    }
    // - [a W] diag(1, B^-1) [a W]' as one symmetric matrix.
    DenseMatrix weighted(num_rows_, num_columns_);
    std::copy_n(residual, num_rows_, weighted.data());
    if (p > 0) {
      grid_.backend().dense().multiply(Transpose::no, Transpose::no, 1.0, solution.block(0, 1, num_rows_, p),
                                       effects_.covariance.view(), 0.0, weighted.view().block(0, 1, num_rows_, p));
    }
    DenseMatrix product(num_rows_, num_rows_);
    grid_.backend().dense().symmetric_result_multiply(Transpose::yes, -1.0, weighted.view(), solution, 0.0,
                                                      product.view());
    covariance_.accumulate(product.view(), sums_at(index));
  }

  const PreparedGrid& grid_;
  std::span<const double> theta_;
  bool with_gradient_;
  IndexCovariance covariance_;
  std::size_t num_rows_;
  std::size_t num_columns_;
  IndexRuns runs_;
  std::vector<Chunk> chunks_;
  DenseMatrix solutions_;  ///< C^-1 [z X], one index beside the other
  DenseMatrix sums_;       ///< a column an index
  double log_determinant_ = 0.0;
  EffectsPosterior effects_;
};

}  // namespace

GridEvaluation evaluate_grid(const PreparedGrid& grid, std::span<const double> theta, bool with_gradient,
                             const CancellationToken* cancellation) {
  const auto start = std::chrono::steady_clock::now();
  grid.check_theta(theta);
  auto result = GridLikelihood(grid, theta, with_gradient, cancellation).run();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace tramontana

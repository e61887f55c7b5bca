// SPDX-License-Identifier: Apache-2.0
#include "grid/score_covariance.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "grid/effects_posterior.hpp"
#include "grid/index_covariance.hpp"
#include "grid/index_runs.hpp"
#include "grid/index_solution.hpp"
#include "grid/torus_draws.hpp"

namespace tramontana {
namespace {

/** Any; equal fits have equal covariances. */
constexpr std::uint64_t seed = 20240611;
constexpr std::size_t bytes_at_once = std::size_t{256} << 20;

class Scores {
 public:
  Scores(const PreparedGrid& grid, std::span<const double> theta, const CancellationToken* cancellation)
      : grid_(grid),
        theta_(theta),
        covariance_(grid, theta, true),
        draws_(grid, theta, seed),
        runs_(grid, cancellation),
        cancellation_(cancellation) {}

  /** Scores of `count` draws from `first` on, one column each. */
  DenseMatrix of(std::size_t first, std::size_t count) {
    draw(first, count);
    solve(count);
    subtract_effects(count);
    return slopes(count);
  }

 private:
  void draw(std::size_t first, std::size_t count) {
    data_.assign(count, DenseMatrix());
    std::vector<std::function<void()>> tasks;
    for (std::size_t i = 0; i < count; ++i) {
      tasks.emplace_back([this, first, i] {
        if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
        data_[i] = draws_.draw(first + i);
      });
    }
    const double waves =
        static_cast<double>(grid_.rows_axis().num_waves() * grid_.columns_axis().num_waves() * grid_.num_steps());
    grid_.backend().tasks().run_independent(
        tasks, waves * static_cast<double>(grid_.num_processes() * (grid_.rows_axis().num_cells() + 100)));
  }

  /** C^-1 of each draw at its place, W = C^-1 X, and the products with X. */
  void solve(std::size_t count) {
    const std::size_t m = grid_.rows().size();
    const std::size_t p = grid_.num_fixed_effects();
    effects_solutions_ = DenseMatrix(m, p * grid_.num_cells());
    std::vector<DenseMatrix> products(runs_.size());  // X' C^-1 [X draws]
    runs_.for_each([&](std::size_t run, std::size_t index) {
      if (products[run].empty()) products[run] = DenseMatrix::zero(p, p + count);
      DenseMatrix own(m, m);
      covariance_.fill(index, own.view());
      const auto solution = solve_index(grid_, index, std::move(own), theta_);
      DenseMatrix drawn(m, count);
      for (std::size_t i = 0; i < count; ++i) std::copy_n(data_[i].view().column(index), m, drawn.view().column(i));
      DenseMatrix solved(m, count);
      grid_.backend().dense().symmetric_multiply(1.0, solution.inverse.view(), drawn.view(), 0.0, solved.view());
      for (std::size_t i = 0; i < count; ++i) std::copy_n(solved.view().column(i), m, data_[i].view().column(index));
      if (p == 0) return;
      const auto covariates = solution.columns.view().block(0, 1, m, p);
      const auto effects = effects_at(index);
      const auto own_effects = solution.solutions.view().block(0, 1, m, p);
      for (std::size_t f = 0; f < p; ++f) std::copy_n(own_effects.column(f), m, effects.column(f));
      const auto found = products[run].view();
      grid_.backend().dense().multiply(Transpose::yes, Transpose::no, 1.0, covariates, own_effects, 1.0,
                                       found.block(0, 0, p, p));
      grid_.backend().dense().multiply(Transpose::yes, Transpose::no, 1.0, covariates, solved.view(), 1.0,
                                       found.block(0, p, p, count));
    });
    products_ = DenseMatrix::zero(p, p + count);
    for (const auto& part : products) {
      for (std::size_t i = 0; i < p * (p + count); ++i) products_.data()[i] += part.data()[i];
    }
  }

  [[nodiscard]] MatrixView effects_at(std::size_t index) {
    const std::size_t p = grid_.num_fixed_effects();
    return effects_solutions_.view().block(0, index * p, grid_.rows().size(), p);
  }

  /** beta of each draw. */
  void subtract_effects(std::size_t count) {
    const std::size_t p = grid_.num_fixed_effects();
    effects_ = DenseMatrix(p, count);
    if (p == 0) return;
    DenseMatrix whole = DenseMatrix::zero(1 + p, 1 + p);
    for (std::size_t f = 0; f < p; ++f) {
      for (std::size_t g = 0; g < p; ++g) whole(1 + f, 1 + g) = products_(f, g);
    }
    const auto posterior = effects_posterior(whole, grid_.model().fixed_effects_prior_precision, grid_.backend());
    grid_.backend().dense().multiply(Transpose::no, Transpose::no, 1.0, posterior.covariance.view(),
                                     products_.view().block(0, p, p, count), 0.0, effects_.view());
  }

  DenseMatrix slopes(std::size_t count) {
    const std::size_t m = grid_.rows().size();
    const std::size_t d = theta_.size();
    const std::size_t p = grid_.num_fixed_effects();
    std::vector<DenseMatrix> parts(runs_.size());
    runs_.for_each([&](std::size_t run, std::size_t index) {
      if (parts[run].empty()) parts[run] = DenseMatrix::zero(d, count);
      DenseMatrix residual(m, count);
      for (std::size_t i = 0; i < count; ++i) std::copy_n(data_[i].view().column(index), m, residual.view().column(i));
      if (p > 0) {
        grid_.backend().dense().multiply(Transpose::no, Transpose::no, -1.0, effects_at(index), effects_.view(), 1.0,
                                         residual.view());
      }
      for (std::size_t i = 0; i < count; ++i) {
        add_score(index, {residual.view().column(i), m}, {parts[run].view().column(i), d});
      }
    });
    DenseMatrix scores = DenseMatrix::zero(d, count);
    for (const auto& part : parts) {
      for (std::size_t i = 0; i < d * count; ++i) scores.data()[i] += part.data()[i];
    }
    return scores;
  }

  void add_score(std::size_t index, std::span<const double> residual, std::span<double> score) const {
    const std::size_t m = residual.size();
    DenseMatrix outer(m, m);
    for (std::size_t s = 0; s < m; ++s) {
      for (std::size_t r = s; r < m; ++r) outer(r, s) = residual[r] * residual[s];
    }
    std::vector<double> sums(covariance_.num_sums(), 0.0);
    covariance_.accumulate(outer.view(), sums);
    std::vector<double> field(covariance_.num_field_slopes(), 0.0);
    std::vector<double> coregionalisation(covariance_.num_coregionalisation_slopes(), 0.0);
    std::vector<double> noise(covariance_.num_groups(), 0.0);
    covariance_.add_gradient(index, sums, field, coregionalisation, noise);
    covariance_.to_theta(field, coregionalisation, noise, score);
  }

  const PreparedGrid& grid_;
  std::span<const double> theta_;
  IndexCovariance covariance_;
  TorusDraws draws_;
  IndexRuns runs_;
  const CancellationToken* cancellation_;
  std::vector<DenseMatrix> data_;  ///< a draw each; then C^-1 of it
  DenseMatrix effects_solutions_;  ///< W, one index beside the other
  DenseMatrix products_;
  DenseMatrix effects_;
};

}  // namespace

std::vector<double> score_covariance(const PreparedGrid& grid, std::span<const double> theta, std::size_t num_draws,
                                     const CancellationToken* cancellation) {
  const std::size_t d = theta.size();
  const std::size_t bytes_each = grid.num_observations() * sizeof(double);
  const std::size_t at_once = std::clamp<std::size_t>(bytes_at_once / bytes_each, 4, num_draws);
  Scores scores(grid, theta, cancellation);
  DenseMatrix all(d, num_draws);
  for (std::size_t first = 0; first < num_draws; first += at_once) {
    const std::size_t count = std::min(at_once, num_draws - first);
    const auto found = scores.of(first, count);
    std::copy_n(found.data(), d * count, all.view().column(first));
  }
  std::vector<double> mean(d, 0.0);
  for (std::size_t s = 0; s < num_draws; ++s) {
    for (std::size_t i = 0; i < d; ++i) mean[i] += all(i, s) / static_cast<double>(num_draws);
  }
  std::vector<double> covariance(d * d, 0.0);
  for (std::size_t s = 0; s < num_draws; ++s) {
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) {
        covariance[i * d + j] += (all(i, s) - mean[i]) * (all(j, s) - mean[j]) / static_cast<double>(num_draws - 1);
      }
    }
  }
  return covariance;
}

}  // namespace tramontana

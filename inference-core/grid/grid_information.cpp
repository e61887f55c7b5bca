// SPDX-License-Identifier: Apache-2.0
#include "grid/grid_information.hpp"

#include <utility>

#include "grid/index_covariance.hpp"
#include "grid/index_runs.hpp"
#include "grid/index_solution.hpp"

namespace tramontana {
namespace {

class Information {
 public:
  Information(const PreparedGrid& grid, std::span<const double> theta, const GridEvaluation& evaluation,
              const CancellationToken* cancellation)
      : grid_(grid),
        theta_(theta),
        effects_(evaluation.fixed_effect_means),
        effects_covariance_(evaluation.fixed_effect_covariance),
        covariance_(grid, theta, true),
        runs_(grid, cancellation) {}

  std::vector<double> run() {
    const std::size_t d = theta_.size();
    const std::size_t p = effects_.size();
    // By run of indices: U' C^-1 U, and W' U.
    std::vector<DenseMatrix> quadratic(runs_.size());
    std::vector<DenseMatrix> crossed(runs_.size());
    runs_.for_each([&](std::size_t run, std::size_t index) {
      if (quadratic[run].empty()) {
        quadratic[run] = DenseMatrix::zero(d, d);
        crossed[run] = DenseMatrix::zero(p, d);
      }
      add_index(index, quadratic[run], crossed[run]);
    });
    DenseMatrix total = DenseMatrix::zero(d, d);
    DenseMatrix by_effect = DenseMatrix::zero(p, d);
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      for (std::size_t i = 0; i < d * d; ++i) total.data()[i] += quadratic[run].data()[i];
      for (std::size_t i = 0; i < p * d; ++i) by_effect.data()[i] += crossed[run].data()[i];
    }
    if (p > 0) {
      DenseMatrix solved(p, d);
      grid_.backend().dense().multiply(Transpose::no, Transpose::no, 1.0,
                                       ConstMatrixView{effects_covariance_.data(), p, p, p}, by_effect.view(), 0.0,
                                       solved.view());
      grid_.backend().dense().multiply(Transpose::yes, Transpose::no, -1.0, by_effect.view(), solved.view(), 1.0,
                                       total.view());
    }
    std::vector<double> information(d * d);
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) information[i * d + j] = 0.25 * (total(i, j) + total(j, i));
    }
    return information;
  }

 private:
  [[nodiscard]] IndexSolution solution_at(std::size_t index) const {
    DenseMatrix own(grid_.rows().size(), grid_.rows().size());
    covariance_.fill(index, own.view());
    return solve_index(grid_, index, std::move(own), theta_);
  }

  void add_index(std::size_t index, DenseMatrix& quadratic, DenseMatrix& crossed) const {
    const auto& backend = grid_.backend();
    const std::size_t m = grid_.rows().size();
    const std::size_t d = theta_.size();
    const std::size_t p = effects_.size();
    auto solution = solution_at(index);
    const auto residual = solution.solutions.view().block(0, 0, m, 1);
    for (std::size_t f = 0; f < p; ++f) {
      for (std::size_t r = 0; r < m; ++r) residual(r, 0) -= effects_[f] * solution.solutions(r, 1 + f);
    }
    DenseMatrix derivative(m, m);
    DenseMatrix moved(m, d);
    for (std::size_t k = 0; k < d; ++k) {
      covariance_.fill_derivative(index, k, derivative.view());
      backend.dense().symmetric_multiply(1.0, derivative.view(), residual, 0.0, moved.view().block(0, k, m, 1));
    }
    DenseMatrix solved(m, d);
    backend.dense().symmetric_multiply(1.0, solution.inverse.view(), moved.view(), 0.0, solved.view());
    backend.dense().multiply(Transpose::yes, Transpose::no, 1.0, moved.view(), solved.view(), 1.0, quadratic.view());
    if (p > 0) {
      backend.dense().multiply(Transpose::yes, Transpose::no, 1.0, solution.solutions.view().block(0, 1, m, p),
                               moved.view(), 1.0, crossed.view());
    }
  }

  const PreparedGrid& grid_;
  std::span<const double> theta_;
  std::span<const double> effects_;
  std::span<const double> effects_covariance_;  ///< symmetric
  IndexCovariance covariance_;
  IndexRuns runs_;
};

}  // namespace

std::vector<double> average_information(const PreparedGrid& grid, std::span<const double> theta,
                                        const GridEvaluation& evaluation, const CancellationToken* cancellation) {
  return Information(grid, theta, evaluation, cancellation).run();
}

}  // namespace tramontana

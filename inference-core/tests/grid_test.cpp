// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "grid/cosine_axis.hpp"
#include "grid/expected_spectrum.hpp"
#include "grid/index_covariance.hpp"
#include "grid/prepared_grid.hpp"
#include "host/host_backend.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/grid.hpp"

namespace tramontana {
namespace {

using std::numbers::pi;

constexpr std::int32_t num_rows = 5;
constexpr std::int32_t num_columns = 6;
constexpr std::size_t num_cells = 30;
constexpr std::int32_t num_steps = 4;

ThetaPrior gaussian(double mean) {
  ThetaPrior prior;
  prior.mean = mean;
  prior.precision = 0.7;
  return prior;
}

/** Two processes, the second missing on a day and seen twice, with another noise, on the last. */
GridModel small_grid() {
  GridModel model;
  model.grid = {num_rows, num_columns, 10.0, 8.0};
  model.num_time_steps = num_steps;
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  const auto group = [&](std::int32_t process, std::vector<std::int32_t> steps) {
    GridGroup result;
    result.process = process;
    result.num_covariates = 2;
    for (std::size_t i = 0; i < num_cells; ++i) result.covariates.push_back(1.0);
    for (std::size_t i = 0; i < num_cells; ++i) result.covariates.push_back(normal(random));
    for (std::size_t i = 0; i < num_cells * steps.size(); ++i) result.y.push_back(2.0 + normal(random));
    result.time_index = std::move(steps);
    return result;
  };
  model.groups = {group(0, {0, 1, 2, 3}), group(1, {0, 2, 3}), group(1, {3})};
  const double means[] = {3.4, 1.0, 2.0, 3.0, 0.5, 2.2, 0.1, 0.2, 0.5, 0.3};
  for (const double mean : means) model.priors.push_back(gaussian(mean));
  return model;
}

const std::vector<double> theta{3.5, 1.1, 1.9, 3.1, 0.7, 2.3, -0.1, 0.3, 0.6, 0.4};

/** Lower Cholesky factor of a dense matrix, and its log determinant, by the textbook. */
struct DenseNormal {
  std::vector<double> factor;
  std::size_t n;

  DenseNormal(std::vector<double> covariance, std::size_t size) : factor(std::move(covariance)), n(size) {
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t i = j; i < n; ++i) {
        double sum = factor[i * n + j];
        for (std::size_t k = 0; k < j; ++k) sum -= factor[i * n + k] * factor[j * n + k];
        factor[i * n + j] = i == j ? std::sqrt(sum) : sum / factor[j * n + j];
      }
    }
  }

  [[nodiscard]] double log_density(const std::vector<double>& x) const {
    double sum = -0.5 * static_cast<double>(n) * std::log(2.0 * pi);
    std::vector<double> z(n);
    for (std::size_t i = 0; i < n; ++i) {
      z[i] = x[i];
      for (std::size_t k = 0; k < i; ++k) z[i] -= factor[i * n + k] * z[k];
      z[i] /= factor[i * n + i];
      sum -= 0.5 * z[i] * z[i] + std::log(factor[i * n + i]);
    }
    return sum;
  }
};

/** Covariance of the means of two cells `rows` and `columns` apart, by summing the waves of the torus one by one. */
double cell_covariance(const PreparedGrid& grid, std::span<const double> parameters, int rows, int columns, int lag) {
  const auto& along = grid.rows_axis();
  const auto& across = grid.columns_axis();
  const int num_along = static_cast<int>(along.circle_cells());
  const int num_across = static_cast<int>(across.circle_cells());
  const auto sinc = [](double x) { return x == 0.0 ? 1.0 : std::sin(pi * x) / (pi * x); };
  double sum = 0.0;
  for (int k = -num_along / 2 - 3 * num_along; k < num_along / 2 + 3 * num_along; ++k) {
    std::vector<double> eigenvalues;
    std::vector<double> shares;
    for (int l = -num_across / 2 - 3 * num_across; l < num_across / 2 + 3 * num_across; ++l) {
      const double wave_y = 2.0 * pi * k / (num_along * along.width());
      const double wave_x = 2.0 * pi * l / (num_across * across.width());
      eigenvalues.push_back(wave_y * wave_y + wave_x * wave_x);
      const double share = sinc(static_cast<double>(k) / num_along) * sinc(static_cast<double>(l) / num_across);
      shares.push_back(share * share * std::cos(wave_y * along.width() * rows + wave_x * across.width() * columns));
    }
    const auto laws = *grid.latent().mode_laws(parameters, eigenvalues);
    for (std::size_t i = 0; i < laws.size(); ++i) {
      sum += shares[i] * laws[i].variance.value * std::pow(laws[i].correlation.value, lag);
    }
  }
  return sum / (num_along * num_across * along.width() * across.width());
}

TEST(CosineAxis, TransformIsOrthonormalAndSeesModesAsTheirAliases) {
  const CosineAxis axis(7, 3.0);
  for (std::size_t q = 0; q < 7; ++q) {
    for (std::size_t p = 0; p < 7; ++p) {
      double product = 0.0;
      for (std::size_t i = 0; i < 7; ++i) product += axis.transform()(q, i) * axis.transform()(p, i);
      EXPECT_NEAR(product, p == q ? 1.0 : 0.0, 1e-14);
    }
    for (const auto& [frequency, weight] : axis.modes_of(q, 5)) {
      // The mean of phi_k over a cell is the difference of its integral.
      const double k = static_cast<double>(frequency);
      for (std::size_t i = 0; i < 7; ++i) {
        const auto integral = [&](double x) {
          return k == 0.0 ? x / std::sqrt(21.0) : std::sqrt(2.0 / 21.0) * 21.0 / (pi * k) * std::sin(pi * k * x / 21.0);
        };
        const double mean = (integral(3.0 * static_cast<double>(i + 1)) - integral(3.0 * static_cast<double>(i))) / 3.0;
        EXPECT_NEAR(weight * axis.transform()(q, i), mean, 1e-14) << "mode " << k << " cell " << i;
      }
    }
  }
}

TEST(ExpectedSpectrum, IsTheExpectationOfTheTransformOfTheStationaryField) {
  const auto grid = prepare_grid(small_grid(), host_backend());
  const std::vector<double> parameters{3.5, 1.1, 0.2};
  const auto spectrum = expected_spectrum(grid->latent(), parameters, grid->rows_axis(), grid->columns_axis(), 3, false,
                                          host_backend());
  const auto& d = grid->rows_axis().transform();
  const auto& e = grid->columns_axis().transform();
  for (const int lag : {0, 2}) {
    std::vector<double> covariances;
    for (int rows = 0; rows < num_rows; ++rows) {
      for (int columns = 0; columns < num_columns; ++columns) {
        covariances.push_back(cell_covariance(*grid, parameters, rows, columns, lag));
      }
    }
    for (const std::size_t q : {0, 1, 7, 29}) {
      const std::size_t qy = q % num_rows;
      const std::size_t qx = q / num_rows;
      double expected = 0.0;
      for (int i = 0; i < num_rows; ++i) {
        for (int j = 0; j < num_rows; ++j) {
          for (int k = 0; k < num_columns; ++k) {
            for (int l = 0; l < num_columns; ++l) {
              const auto at = static_cast<std::size_t>(std::abs(i - j) * num_columns + std::abs(k - l));
              expected += d(qy, static_cast<std::size_t>(i)) * d(qy, static_cast<std::size_t>(j)) *
                          e(qx, static_cast<std::size_t>(k)) * e(qx, static_cast<std::size_t>(l)) * covariances[at];
            }
          }
        }
      }
      const double found = spectrum.value[static_cast<std::size_t>(lag) * num_cells + q];
      // The brute sum holds the waves at the edge of the last alias once, the folded one twice: 1e-7 of the smallest.
      EXPECT_NEAR(found, expected, 1e-6 * expected) << "lag " << lag << " index " << q;
    }
  }
}

/** log p(y | theta) of the whole grid as one normal distribution of all its values, fixed effects included. */
double dense_log_likelihood(const PreparedGrid& grid, std::span<const double> at) {
  const std::size_t rows = grid.rows().size();
  const std::size_t n = rows * num_cells;
  const IndexCovariance covariance(grid, at, false);
  std::vector<double> dense(n * n, 0.0);
  const auto& d = grid.rows_axis().transform();
  const auto& e = grid.columns_axis().transform();
  DenseMatrix block(rows, rows);
  for (std::size_t q = 0; q < num_cells; ++q) {
    covariance.fill(q, block.view());
    mirror_lower(block.view());
    std::vector<double> shape;
    for (std::size_t i = 0; i < num_cells; ++i) shape.push_back(d(q % num_rows, i / num_columns) * e(q / num_rows, i % num_columns));
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t s = 0; s < rows; ++s) {
        for (std::size_t i = 0; i < num_cells; ++i) {
          for (std::size_t k = 0; k < num_cells; ++k) {
            dense[(r * num_cells + i) * n + s * num_cells + k] += block(r, s) * shape[i] * shape[k];
          }
        }
      }
    }
  }
  const auto& model = grid.model();
  std::vector<double> y;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto& row = grid.rows()[r];
    const auto& group = model.groups[row.group];
    std::size_t position = 0;
    while (static_cast<std::size_t>(group.time_index[position]) != row.step) ++position;
    for (std::size_t i = 0; i < num_cells; ++i) y.push_back(group.y[position * num_cells + i]);
    for (std::size_t s = 0; s < rows; ++s) {
      const auto& other = model.groups[grid.rows()[s].group];
      if (grid.rows()[s].process != row.process) continue;
      for (std::size_t c = 0; c < static_cast<std::size_t>(group.num_covariates); ++c) {
        for (std::size_t i = 0; i < num_cells; ++i) {
          for (std::size_t k = 0; k < num_cells; ++k) {
            dense[(r * num_cells + i) * n + s * num_cells + k] += group.covariates[c * num_cells + i] *
                                                                  other.covariates[c * num_cells + k] /
                                                                  model.fixed_effects_prior_precision;
          }
        }
      }
    }
  }
  return DenseNormal(std::move(dense), n).log_density(y);
}

TEST(GridEvaluation, IsTheDensityOfAllValuesTogether) {
  const auto grid = prepare_grid(small_grid(), host_backend());
  const auto found = evaluate_grid(*grid, theta, false);
  const double expected = dense_log_likelihood(*grid, theta);
  // The prior variance of the fixed effects, 1000, costs the dense sum three digits.
  EXPECT_NEAR(found.log_marginal_likelihood, expected, 1e-9 * std::abs(expected));
}

TEST(GridEvaluation, GradientIsThatOfDifferences) {
  for (const auto kind : {ModelKind::exact_diffusion, ModelKind::separable}) {
    auto model = small_grid();
    model.kind = kind;
    const auto grid = prepare_grid(std::move(model), host_backend());
    const auto found = evaluate_grid(*grid, theta, true);
    for (std::size_t i = 0; i < theta.size(); ++i) {
      const auto at = [&](double shift) {
        auto shifted = theta;
        shifted[i] += shift;
        return evaluate_grid(*grid, shifted, false).objective;
      };
      const double h = 1e-2;
      const double slope =
          (45.0 * (at(h) - at(-h)) - 9.0 * (at(2.0 * h) - at(-2.0 * h)) + (at(3.0 * h) - at(-3.0 * h))) / (60.0 * h);
      // Sixth order: h^6 of the seventh derivative, and the rounding of the objective over h.
      EXPECT_NEAR(found.gradient[i], slope, 1e-8 * (1.0 + std::abs(slope))) << theta_names(*grid)[i];
    }
  }
}

}  // namespace
}  // namespace tramontana

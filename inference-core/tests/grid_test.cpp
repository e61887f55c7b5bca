// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "grid/cosine_axis.hpp"
#include "grid/expected_spectrum.hpp"
#include "grid/mode_covariance.hpp"
#include "grid/prepared_grid.hpp"
#include "host/host_backend.hpp"
#include "support/dense_grid_posterior.hpp"
#include "support/grid_reference.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/grid.hpp"

namespace tramontana {
namespace {

using namespace small_grid;
using std::numbers::pi;

/**
 * Covariances of the means of two cells [lag][rows apart][columns apart], by summing the waves of the torus one by one.
 */
std::vector<double> cell_covariances(const PreparedGrid& grid, std::span<const double> parameters,
                                     std::span<const int> lags) {
  const auto& along = grid.rows_axis();
  const auto& across = grid.columns_axis();
  const int num_along = static_cast<int>(along.circle_cells());
  const int num_across = static_cast<int>(across.circle_cells());
  const auto sinc = [](double x) { return x == 0.0 ? 1.0 : std::sin(pi * x) / (pi * x); };
  std::vector<double> sums(lags.size() * num_cells, 0.0);
  for (int k = -num_along / 2 - 2 * num_along; k < num_along / 2 + 2 * num_along; ++k) {
    const double wave_y = 2.0 * pi * k / (num_along * along.width());
    std::vector<double> eigenvalues;
    std::vector<double> waves;
    for (int l = -num_across / 2 - 2 * num_across; l < num_across / 2 + 2 * num_across; ++l) {
      waves.push_back(2.0 * pi * l / (num_across * across.width()));
      eigenvalues.push_back(wave_y * wave_y + waves.back() * waves.back());
    }
    const auto laws = *grid.latent().mode_laws(parameters, eigenvalues);
    for (std::size_t i = 0; i < lags.size(); ++i) {
      std::vector<double> by_column(num_columns, 0.0);
      for (std::size_t l = 0; l < laws.size(); ++l) {
        const double share = sinc(waves[l] * across.width() / (2.0 * pi));
        const double power = share * share * laws[l].variance.value * std::pow(laws[l].correlation.value, lags[i]);
        for (int c = 0; c < num_columns; ++c) {
          // Waves of both signs: what is odd in one of them cancels.
          by_column[static_cast<std::size_t>(c)] += power * std::cos(waves[l] * across.width() * c);
        }
      }
      const double share = sinc(wave_y * along.width() / (2.0 * pi));
      for (int r = 0; r < num_rows; ++r) {
        for (int c = 0; c < num_columns; ++c) {
          sums[i * num_cells + static_cast<std::size_t>(r * num_columns + c)] +=
              share * share * std::cos(wave_y * along.width() * r) * by_column[static_cast<std::size_t>(c)];
        }
      }
    }
  }
  for (double& sum : sums) sum /= num_along * num_across * along.width() * across.width();
  return sums;
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
  const auto grid = prepare_grid(small_grid::model(), host_backend());
  const std::vector<double> parameters{3.5, 1.1, 0.2};
  const auto spectrum =
      expected_spectrum(grid->latent(), parameters, grid->rows_axis(), grid->columns_axis(), 3, false, host_backend());
  const auto& d = grid->rows_axis().transform();
  const auto& e = grid->columns_axis().transform();
  const std::vector<int> lags{0, 2};
  const auto covariances = cell_covariances(*grid, parameters, lags);
  for (std::size_t of_lag = 0; of_lag < lags.size(); ++of_lag) {
    const int lag = lags[of_lag];
    for (const std::size_t q : {0, 1, 7, 29}) {
      const std::size_t qy = q % num_rows;
      const std::size_t qx = q / num_rows;
      double expected = 0.0;
      for (int i = 0; i < num_rows; ++i) {
        for (int j = 0; j < num_rows; ++j) {
          for (int k = 0; k < num_columns; ++k) {
            for (int l = 0; l < num_columns; ++l) {
              const auto at =
                  of_lag * num_cells + static_cast<std::size_t>(std::abs(i - j) * num_columns + std::abs(k - l));
              expected += d(qy, static_cast<std::size_t>(i)) * d(qy, static_cast<std::size_t>(j)) *
                          e(qx, static_cast<std::size_t>(k)) * e(qx, static_cast<std::size_t>(l)) * covariances[at];
            }
          }
        }
      }
      const double found = spectrum.value[static_cast<std::size_t>(lag) * num_cells + q];
      // The sum of single waves ends half a wave earlier on one side: 1e-7 of the smallest entry.
      EXPECT_NEAR(found, expected, 1e-6 * expected) << "lag " << lag << " index " << q;
    }
  }
}

TEST(SpectrumCache, GivesWhatAGridWithoutMemoryGives) {
  const auto used = prepare_grid(small_grid::model(), host_backend());
  std::vector<std::vector<double>> points(4, std::vector<double>(theta.begin(), theta.end()));
  points[1][0] += 0.1;
  points[2][1] -= 0.2;
  points[3].back() += 0.3;
  // The mode again between the steps, values alone before gradients, as a fit asks.
  for (const std::size_t point : {0U, 0U, 1U, 0U, 2U, 2U, 3U, 1U, 0U}) {
    for (const bool with_gradient : {false, true, true}) {
      const auto fresh = prepare_grid(small_grid::model(), host_backend());
      const auto found = evaluate_grid(*used, points[point], with_gradient);
      const auto expected = evaluate_grid(*fresh, points[point], with_gradient);
      EXPECT_EQ(found.objective, expected.objective) << point;
      EXPECT_EQ(found.gradient, expected.gradient) << point;
    }
  }
}

TEST(GridEvaluation, IsTheDensityOfAllValuesTogether) {
  const auto grid = prepare_grid(small_grid::model(), host_backend());
  const auto found = evaluate_grid(*grid, theta, false);
  auto dense = dense_grid(*grid, theta);
  const std::size_t n = dense.y.size();
  const double expected = DenseNormal(std::move(dense.covariance), n).log_density(dense.y);
  // The prior variance of the fixed effects, 1000, costs the dense sum three digits.
  EXPECT_NEAR(found.log_marginal_likelihood, expected, 1e-9 * std::abs(expected));
}

/** The same fields seen with rows and columns exchanged, or from the other end. */
GridModel rearranged(GridModel model, bool is_transposed, bool is_flipped) {
  const auto moved = [&](const std::vector<double>& values) {
    std::vector<double> result(values.size());
    for (std::size_t map = 0; map < values.size() / num_cells; ++map) {
      for (std::size_t r = 0; r < num_rows; ++r) {
        for (std::size_t c = 0; c < num_columns; ++c) {
          const std::size_t row = is_flipped ? num_rows - 1 - r : r;
          const std::size_t to = is_transposed ? c * num_rows + row : row * num_columns + c;
          result[map * num_cells + to] = values[map * num_cells + r * num_columns + c];
        }
      }
    }
    return result;
  };
  for (auto& group : model.groups) {
    group.y = moved(group.y);
    group.covariates = moved(group.covariates);
  }
  if (is_transposed) {
    std::swap(model.grid.num_rows, model.grid.num_columns);
    std::swap(model.grid.cell_height, model.grid.cell_width);
  }
  return model;
}

TEST(GridEvaluation, DoesNotDependOnHowTheGridIsHeld) {
  const auto expected = evaluate_grid(*prepare_grid(small_grid::model(), host_backend()), theta, true);
  for (const bool is_transposed : {false, true}) {
    for (const bool is_flipped : {false, true}) {
      const auto grid = prepare_grid(rearranged(small_grid::model(), is_transposed, is_flipped), host_backend());
      const auto found = evaluate_grid(*grid, theta, true);
      // Sums in another order: rounding.
      EXPECT_NEAR(found.objective, expected.objective, 1e-10 * std::abs(expected.objective));
      for (std::size_t i = 0; i < theta.size(); ++i) EXPECT_NEAR(found.gradient[i], expected.gradient[i], 1e-9);
    }
  }
}

TEST(GridEvaluation, OfAnotherUnitOfLengthIsTheSame) {
  auto model = small_grid::model();
  const auto expected = evaluate_grid(*prepare_grid(model, host_backend()), theta, false);
  model.grid.cell_height *= 1000.0;
  model.grid.cell_width *= 1000.0;
  auto in_metres = theta;
  for (const std::size_t i : {0, 3}) in_metres[i] += std::log(1000.0);
  const auto found = evaluate_grid(*prepare_grid(std::move(model), host_backend()), in_metres, false);
  EXPECT_NEAR(found.log_marginal_likelihood, expected.log_marginal_likelihood,
              1e-10 * std::abs(expected.log_marginal_likelihood));
}

TEST(GridEvaluation, GivesEqualBitsWithOneThreadAndTwo) {
  const auto grid = prepare_grid(small_grid::model(), host_backend());
  set_num_threads(1);
  const auto one = evaluate_grid(*grid, theta, true);
  set_num_threads(2);
  const auto two = evaluate_grid(*grid, theta, true);
  set_num_threads(1);
  EXPECT_EQ(one.objective, two.objective);
  EXPECT_EQ(one.gradient, two.gradient);
}

TEST(GridModel, IsRefusedByNameWhereItIsNone) {
  const auto refused = [](const char* part, const auto& spoil) {
    auto model = small_grid::model();
    spoil(model);
    try {
      (void)prepare_grid(std::move(model), host_backend());
      ADD_FAILURE() << "expected a refusal that names " << part;
    } catch (const InvalidModel& error) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  };
  refused("kind", [](GridModel& model) { model.kind = ModelKind::spatio_temporal; });
  refused("grid.numRows", [](GridModel& model) { model.grid.num_rows = 1; });
  refused("grid.cellWidth", [](GridModel& model) { model.grid.cell_width = -1.0; });
  refused("groups[1].y", [](GridModel& model) { model.groups[1].y.pop_back(); });
  refused("groups[0].y[7]", [](GridModel& model) { model.groups[0].y[7] = std::nan(""); });
  refused("groups[2].timeIndex[0]", [](GridModel& model) { model.groups[2].time_index[0] = 4; });
  refused("later than the one before", [](GridModel& model) { model.groups[0].time_index = {0, 1, 1, 3}; });
  refused("numCovariates", [](GridModel& model) {
    model.groups[2].num_covariates = 1;
    model.groups[2].covariates.resize(num_cells);
  });
  refused("process 1", [](GridModel& model) { model.groups[1].process = model.groups[2].process = 2; });
  refused("prior", [](GridModel& model) { model.priors.pop_back(); });
}

TEST(GridEvaluation, GradientIsThatOfDifferences) {
  for (const auto kind : {ModelKind::exact_diffusion, ModelKind::separable}) {
    auto model = small_grid::model();
    model.kind = kind;
    const auto grid = prepare_grid(std::move(model), host_backend());
    const auto found = evaluate_grid(*grid, theta, true);
    for (std::size_t i = 0; i < theta.size(); ++i) {
      const auto at = [&](double shift) {
        auto shifted = theta;
        shifted[i] += shift;
        return evaluate_grid(*grid, shifted, false).objective;
      };
      constexpr double h = 1e-2;
      const double slope =
          (45.0 * (at(h) - at(-h)) - 9.0 * (at(2.0 * h) - at(-2.0 * h)) + (at(3.0 * h) - at(-3.0 * h))) / (60.0 * h);
      // Sixth order: h^6 of the seventh derivative, and the rounding of the objective over h.
      EXPECT_NEAR(found.gradient[i], slope, 1e-8 * (1.0 + std::abs(slope))) << theta_names(*grid)[i];
    }
  }
}

TEST(GridPrediction, IsTheDensePosterior) {
  auto model = small_grid::model();
  // A prior that a double can hold beside the data: the dense sum loses its digits, the grid does not.
  model.fixed_effects_prior_precision = 0.5;
  const auto grid = prepare_grid(model, host_backend());
  GridPredictionDesign design;
  design.process = 1;
  design.time_indices = {1, 3};
  design.rows = {{4.0, 33.0}, 2.0};
  design.columns = {{0.8, 20.0, 47.0}, 1.6};
  design.covariates = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.3, -0.2, 0.5, 1.1, 0.0, -0.7};
  const auto found = predict_grid(*grid, theta, design);
  ASSERT_EQ(found.mean.size(), 12u);
  design.modes_per_cell = 3;
  const auto with_fewer_modes = predict_grid(*grid, theta, design);
  const DenseGridPosterior dense(model, *grid, theta, 5);
  const ModeCovariance covariance(*grid, theta, 5);
  const double beyond = covariance.variance_beyond(1, 2.0, 1.6);
  for (std::size_t i = 0; i < 12; ++i) {
    const std::size_t cell = i % 6;
    const auto target =
        dense.place(1, i < 6 ? 1 : 3, design.rows.centres[cell / 3], 2.0, design.columns.centres[cell % 3], 1.6,
                    {design.covariates[cell], design.covariates[6 + cell]});
    const auto [mean, variance] = dense.at(target);
    EXPECT_NEAR(found.mean[i], mean, 1e-9 * (1.0 + std::abs(mean))) << i;
    EXPECT_NEAR(found.variance[i], variance + beyond, 1e-9 * variance) << i;
    // Modes beyond change little, and their variance is known.
    EXPECT_NEAR(with_fewer_modes.variance[i], found.variance[i], 0.05 * found.variance[i]) << i;
  }
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "tramontana/integration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <random>

#include "inference/criteria/criteria.hpp"
#include "inference/integration/central_composite.hpp"
#include "inference/integration/centred_lattice.hpp"
#include "inference/integration/mixture.hpp"
#include "inference/integration/theta_marginals.hpp"
#include "inference/posterior/observation_moments.hpp"
#include "inference/posterior/posterior.hpp"
#include "support/dense_reference.hpp"
#include "support/random_model.hpp"
#include "tramontana/fit.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

TEST(CentralComposite, InteractionsOfUpToTwoFactorsAreOrthogonal) {
  const std::size_t expected[] = {3, 9, 15, 25, 27, 45, 79, 81, 147, 149};
  for (std::size_t d = 1; d <= 15; ++d) {
    const auto design = central_composite_design(d);
    if (d <= 10) {
      EXPECT_EQ(design.size(), expected[d - 1]);
    }
    const std::size_t corners = design.size() - 1 - 2 * d;
    const auto sign = [&](std::size_t point, std::size_t i) { return design[1 + point].z[i] > 0.0 ? 1.0 : -1.0; };
    for (std::size_t i = 0; i < d && corners > 0; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        double interaction = 0.0;
        for (std::size_t p = 0; p < corners; ++p) interaction += sign(p, i) * sign(p, j);
        EXPECT_EQ(interaction, 0.0);
        for (std::size_t k = 0; k < d; ++k) {
          double with_third = 0.0;
          for (std::size_t p = 0; p < corners; ++p) with_third += sign(p, i) * sign(p, j) * sign(p, k);
          if (k != i && k != j) {
            EXPECT_EQ(with_third, 0.0);
          }
        }
      }
    }
  }
}

TEST(CentralComposite, WeightsKeepTheMomentsOfTheStandardNormal) {
  for (std::size_t d = 1; d <= 9; ++d) {
    const auto design = central_composite_design(d);
    const double radius = 1.1 * std::sqrt(static_cast<double>(d));
    const auto weights = composite_weights(d, design.size(), radius);
    double total = 0.0;
    double squares = 0.0;
    for (const auto& point : design) {
      const double length = point.is_centre ? 0.0 : radius;
      const double weight = (point.is_centre ? weights.centre : weights.other) * std::exp(-0.5 * length * length);
      total += weight;
      squares += weight * length * length;
    }
    EXPECT_NEAR(squares / total, static_cast<double>(d), 1e-12 * static_cast<double>(d));
  }
}

TEST(ThetaMarginals, AreNormalWithoutStretchAndSplitNormalAlongOneAxis) {
  const std::vector<double> covariance{0.09, 0.02, 0.0, 0.02, 0.04, 0.0, 0.0, 0.0, 0.0};
  const std::vector<double> mode{0.3, -1.0, 2.0};
  auto posterior = standardised(host_backend(), mode, covariance);
  const auto normal = theta_marginals(posterior, {"log_a", "rho_internal_1", "lambda"});
  EXPECT_EQ(normal[0].natural_name, "a");
  EXPECT_EQ(normal[1].natural_name, "rho_1");
  EXPECT_NEAR(normal[0].internal.sd, 0.3, 1e-12);
  EXPECT_NEAR(normal[1].internal.sd, 0.2, 1e-12);
  // The lattice has 75 cells a standard deviation: quantiles to a thousandth of it.
  EXPECT_NEAR(normal[0].internal.quantiles[2], 0.3 + 1.959964 * 0.3, 3e-4);
  // A log-normal has the mean e^(m + v/2) and the variance (e^v - 1) e^(2m + v).
  EXPECT_NEAR(normal[0].natural.mean, std::exp(0.3 + 0.045), 2e-4);
  EXPECT_NEAR(normal[0].natural.sd, std::exp(0.3 + 0.045) * std::sqrt(std::expm1(0.09)), 2e-4);
  EXPECT_EQ(normal[2].internal.sd, 0.0);
  EXPECT_EQ(normal[2].natural.quantiles[1], 2.0);

  StretchedNormal split = standardised(host_backend(), std::vector<double>{1.0}, std::vector<double>{0.25});
  split.stretch[0] = {0.8, 1.4};
  const auto marginal = theta_marginals(split, {"lambda"}).front().internal;
  const double below = 0.5 * 0.8;
  const double above = 0.5 * 1.4;
  const double front = std::sqrt(2.0 / std::numbers::pi) / (below + above);
  double total = 0.0;
  for (std::size_t i = 0; i + 1 < marginal.grid.size(); ++i) {
    const double x = marginal.grid[i] - 1.0;
    const double scale = x < 0.0 ? below : above;
    // A cell holds the mean density over it: second-order in a 75th of a standard deviation.
    EXPECT_NEAR(marginal.density[i], front * std::exp(-0.5 * x * x / (scale * scale)), 3e-4);
    total += 0.5 * (marginal.density[i] + marginal.density[i + 1]) * (marginal.grid[i + 1] - marginal.grid[i]);
  }
  EXPECT_NEAR(total, 1.0, 2e-4);
  EXPECT_NEAR(marginal.mean, 1.0 + std::sqrt(2.0 / std::numbers::pi) * (above - below), 1e-12);
}

TEST(Criteria, QuadratureAgreesWithTheClosedFormsOfGaussianData) {
  const double precision = 3.0;
  for (const double y : {-1.0, 0.4, 2.5}) {
    const auto closed = gaussian_terms(y, precision, 0.3, 0.12);
    const auto found = quadrature_terms(
        {[&](double eta) {
           return 0.5 * (std::log(precision / (2.0 * std::numbers::pi)) - precision * (y - eta) * (y - eta));
         },
         [&](double eta) { return 0.5 * std::erfc((eta - y) * std::sqrt(0.5 * precision)); }},
        precision * (y - 0.3), precision, 0.3, 0.12);
    // 31 nodes integrate polynomials of degree 61; the exponentials of a variance of a third of 1/precision converge
    // like (v p / (2 + v p))^31.
    EXPECT_NEAR(found.expected_log_density, closed.expected_log_density, 1e-12);
    EXPECT_NEAR(found.expected_squared_log_density, closed.expected_squared_log_density, 1e-11);
    EXPECT_NEAR(found.log_expected_density, closed.log_expected_density, 1e-10);
    EXPECT_NEAR(found.log_cpo, closed.log_cpo, 1e-8);
    EXPECT_NEAR(found.pit, closed.pit, 1e-8);
  }
}

/** A count with its normal approximation: at its mode where the cavity is N(prior_mean, prior_sd^2). */
struct Count {
  double y = 0.0;
  double prior_mean = 0.0;
  double prior_sd = 0.0;
};

/** The only datum of a normal predictor: the cavity is its prior, and its criteria are those of the exact posterior. */
TEST(Criteria, AreExactForOneCount) {
  for (const auto& [y, prior_mean, prior_sd] : {Count{7.0, 1.2, 0.4}, Count{0.0, -1.0, 3.0}, Count{0.0, 2.0, 0.5},
                                                Count{1e6, 13.5, 0.3}, Count{3.0, 4.0, 0.2}}) {
    SCOPED_TRACE(y);
    const auto log_density = [&](double eta) { return y * eta - std::exp(eta) - std::lgamma(y + 1.0); };
    const auto cumulative = [&](double eta) {
      double sum = 0.0;
      for (int k = 0; k <= std::min(y, 20.0); ++k) sum += std::exp(k * eta - std::exp(eta) - std::lgamma(k + 1.0));
      return sum;
    };
    const double precision = 1.0 / (prior_sd * prior_sd);
    double mode = prior_mean;
    for (int k = 0; k < 100; ++k) {
      const double step = (y - std::exp(mode) - precision * (mode - prior_mean)) / (std::exp(mode) + precision);
      mode += std::clamp(step, -1.0, 1.0);
    }
    const double weight_at_mode = std::exp(mode);
    const double sd = 1.0 / std::sqrt(precision + weight_at_mode);
    const auto found = quadrature_terms({log_density, cumulative}, y - weight_at_mode, weight_at_mode, mode, sd * sd);
    double total = 0.0;
    double predictor = 0.0;
    double expected = 0.0;
    double squared = 0.0;
    double density = 0.0;
    double left_out = 0.0;
    double pit = 0.0;
    constexpr int count = 200'000;
    const double reach = 12.0 * prior_sd;
    for (int i = 0; i < count; ++i) {
      const double x = -reach + 2.0 * reach * (i + 0.5) / count;
      const double eta = prior_mean + x;
      const double value = log_density(eta);
      const double prior = std::exp(-0.5 * precision * x * x);
      left_out += prior * std::exp(value);
      pit += prior * (y < 20.0 ? cumulative(eta) : 0.0);
      const double weight = prior * std::exp(value);
      total += weight;
      predictor += weight * eta;
      expected += weight == 0.0 ? 0.0 : weight * value;
      squared += weight == 0.0 ? 0.0 : weight * value * value;
      density += weight * std::exp(value);
    }
    const double normaliser = std::sqrt(2.0 * std::numbers::pi) * prior_sd * count / (2.0 * reach);
    const bool is_dominated = y > 1e5;
    // The textbook density of a million loses seven digits; under a wide cavity a zero count is an edge.
    const double tolerance = is_dominated || prior_sd > 1.0 ? 1e-6 : 1e-9;
    EXPECT_NEAR(found.expected_predictor, predictor / total, tolerance);
    EXPECT_NEAR(found.expected_log_density, expected / total, tolerance);
    EXPECT_NEAR(found.expected_squared_log_density / (squared / total), 1.0, tolerance);
    EXPECT_NEAR(found.log_expected_density, std::log(density / total), tolerance);
    if (is_dominated) continue;
    // Thirty-one nodes for the cavity: a zero count under a wide one has a corner.
    EXPECT_NEAR(found.log_cpo, std::log(left_out / normaliser), prior_sd > 1.0 ? 2e-2 : 1e-8);
    EXPECT_NEAR(found.pit, pit / normaliser, prior_sd > 1.0 ? 2e-2 : 1e-8);
  }
}

TEST(Mixture, SummaryOfOneNormalIsThatNormal) {
  const NormalComponent components[] = {{0.3, 5.0, 2.0}, {0.7, 5.0, 2.0}};
  const auto summary = summarise(components);
  EXPECT_NEAR(summary.mean, 5.0, 1e-14);
  EXPECT_NEAR(summary.sd, 2.0, 1e-14);
  EXPECT_NEAR(summary.quantiles[0], 5.0 - 2.0 * 1.959963984540054, 1e-10);
  EXPECT_NEAR(summary.quantiles[1], 5.0, 1e-10);
}

/** A spatial model of three hyperparameters with enough data for a posterior that is not far from normal. */
struct SpatialFixture : ::testing::Test {
  std::vector<double> truth = random_theta({.kind = ModelKind::spatial, .seed = 71});
  EngineModel model = [this] {
    auto result = random_model({.kind = ModelKind::spatial, .grid = 5, .observations_per_step = 120, .seed = 71});
    testing::replace_data_by_simulation(result, truth, 3);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      result.priors[i].mean = truth[i];
      result.priors[i].precision = 25.0;
    }
    return result;
  }();
  std::shared_ptr<const PreparedModel> prepared = prepare_model(model, host_backend());
  FitResult found = [this] {
    FitOptions options;
    options.initial_theta = truth;
    options.gradient_tolerance = 1e-6;
    options.hessian_differences = HessianDifferences::central;
    return fit(*prepared, options, nullptr, {});
  }();
  const std::vector<double>& mode = found.state.theta;

  /** The model without observation `index`. */
  [[nodiscard]] EngineModel without(std::size_t index) const {
    auto reduced = model;
    auto& group = reduced.observations[0];
    const auto at = static_cast<std::ptrdiff_t>(index);
    const auto p = static_cast<std::ptrdiff_t>(group.num_covariates);
    group.y.erase(group.y.begin() + at);
    group.time_index.erase(group.time_index.begin() + at);
    group.covariates.erase(group.covariates.begin() + at * p, group.covariates.begin() + (at + 1) * p);
    auto& rows = group.projector;
    const auto first = rows.row_pointers[index];
    const auto last = rows.row_pointers[index + 1];
    rows.column_indices.erase(rows.column_indices.begin() + first, rows.column_indices.begin() + last);
    rows.values.erase(rows.values.begin() + first, rows.values.begin() + last);
    rows.row_pointers.erase(rows.row_pointers.begin() + at);
    for (std::size_t i = index; i < rows.row_pointers.size(); ++i) rows.row_pointers[i] -= last - first;
    rows.row_pointers[index] = first;
    --rows.num_rows;
    return reduced;
  }

  /** Row `index` as a design. */
  [[nodiscard]] PredictionDesign row(std::size_t index) const {
    const auto& group = model.observations[0];
    PredictionDesign design{0, {group.time_index[index]}, {}, {}};
    design.projector.num_rows = 1;
    design.projector.num_columns = group.projector.num_columns;
    const auto first = group.projector.row_pointers[index];
    const auto last = group.projector.row_pointers[index + 1];
    design.projector.row_pointers = {0, last - first};
    design.projector.column_indices.assign(group.projector.column_indices.begin() + first,
                                           group.projector.column_indices.begin() + last);
    design.projector.values.assign(group.projector.values.begin() + first, group.projector.values.begin() + last);
    for (std::int32_t c = 0; c < group.num_covariates; ++c) {
      design.covariates.push_back(
          group.covariates[index * static_cast<std::size_t>(group.num_covariates) + static_cast<std::size_t>(c)]);
    }
    return design;
  }
};

/** The posterior of theta and what follows, by a product rule in the coordinates of its normal approximation. */
struct DenseQuadrature {
  double log_marginal_likelihood = 0.0;
  std::vector<double> mean;
  std::vector<double> sd;
  double effect_mean = 0.0;
  double effect_sd = 0.0;
  std::vector<double> latent_mean;
};

DenseQuadrature dense_quadrature(const PreparedModel& prepared, const StretchedNormal& normal, double reach, int side) {
  const double step = 2.0 * reach / (side - 1);
  double total = 0.0;
  std::vector<double> theta_first(3, 0.0);
  std::vector<double> theta_second(3, 0.0);
  double effect = 0.0;
  double effect_square = 0.0;
  DenseQuadrature result;
  result.latent_mean.assign(prepared.num_nodes(), 0.0);
  const double at_mode = evaluate(prepared, normal.mode, {}).log_posterior;
  for (int index = 0; index < side * side * side; ++index) {
    std::vector<double> z;
    for (int rest = index, i = 0; i < 3; ++i, rest /= side) z.push_back(step * (rest % side - side / 2));
    const auto theta = normal.at(z);
    const auto evaluation = evaluate(prepared, theta, {.latent = true});
    const double weight = std::exp(evaluation.log_posterior - at_mode);
    total += weight;
    for (std::size_t i = 0; i < 3; ++i) {
      theta_first[i] += weight * theta[i];
      theta_second[i] += weight * theta[i] * theta[i];
    }
    const double mean = evaluation.fixed_effect_means[0];
    effect += weight * mean;
    effect_square += weight * (mean * mean + evaluation.fixed_effect_covariance[0]);
    for (std::size_t i = 0; i < result.latent_mean.size(); ++i) {
      result.latent_mean[i] += weight * evaluation.latent_mean[i];
    }
  }
  result.log_marginal_likelihood = at_mode + std::log(total) + 3.0 * std::log(step) + normal.log_determinant;
  for (std::size_t i = 0; i < 3; ++i) {
    result.mean.push_back(theta_first[i] / total);
    result.sd.push_back(std::sqrt(theta_second[i] / total - result.mean[i] * result.mean[i]));
  }
  result.effect_mean = effect / total;
  result.effect_sd = std::sqrt(effect_square / total - result.effect_mean * result.effect_mean);
  for (auto& value : result.latent_mean) value /= total;
  return result;
}

/** What a way of integrating promises, in standard deviations and shares of them. */
struct Promise {
  double log_marginal_likelihood = 0.0;
  double mean = 0.0;
  double sd = 0.0;
  double effect_mean = 0.0;
  double effect_sd = 0.0;
};

void expect_agreement(const IntegrationResult& found, const DenseQuadrature& exact, const Promise& promise) {
  EXPECT_NEAR(found.log_marginal_likelihood, exact.log_marginal_likelihood, promise.log_marginal_likelihood);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(found.theta[i].internal.mean, exact.mean[i], promise.mean * exact.sd[i]) << i;
    EXPECT_NEAR(found.theta[i].internal.sd / exact.sd[i], 1.0, promise.sd) << i;
  }
  EXPECT_NEAR(found.fixed_effects[0].mean, exact.effect_mean, promise.effect_mean * exact.effect_sd);
  EXPECT_NEAR(found.fixed_effects[0].sd / exact.effect_sd, 1.0, promise.effect_sd);
  for (std::size_t i = 0; i < exact.latent_mean.size(); ++i) {
    EXPECT_NEAR(found.latent.mean[i], exact.latent_mean[i], promise.effect_mean * found.latent.sd[i]);
  }
  double sum = 0.0;
  for (const auto& point : found.points) sum += point.weight;
  EXPECT_NEAR(sum, 1.0, 1e-14);
}

TEST_F(SpatialFixture, MixtureAgreesWithDenseQuadratureOverTheta) {
  const auto exact = dense_quadrature(*prepared, standardised(host_backend(), mode, found.theta_covariance), 4.5, 13);
  const auto result = integrate(*prepared, mode, found.theta_covariance, {});
  EXPECT_EQ(result.strategy, IntegrationStrategy::lattice);
  EXPECT_EQ(result.failed_points, 0);
  expect_agreement(result, exact, {0.003, 0.005, 0.005, 0.005, 0.005});
  IntegrationOptions options;
  options.strategy = IntegrationStrategy::central_composite;
  const auto composite = integrate(*prepared, mode, found.theta_covariance, options);
  EXPECT_EQ(composite.strategy, IntegrationStrategy::central_composite);
  EXPECT_EQ(composite.points.size(), 15U);
  // What a design of 15 points promises: the project's own bounds against R-INLA are .1 sd, 5 % and .5.
  expect_agreement(composite, exact, {0.1, 0.1, 0.05, 0.05, 0.03});
}

/** Few data and weak priors: range and sigma on a bent ridge, with tails that no axis of a normal density shows. */
TEST(Lattice, IsRightWhereThePosteriorOfThetaIsFarFromNormal) {
  for (const std::uint64_t seed : {72U, 73U, 74U}) {
    SCOPED_TRACE(seed);
    const RandomModelOptions random{.kind = ModelKind::spatial, .grid = 6, .observations_per_step = 40, .seed = seed};
    auto model = random_model(random);
    const auto truth = random_theta(random);
    testing::replace_data_by_simulation(model, truth, seed);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      model.priors[i].mean = truth[i];
      model.priors[i].precision = 1.0;
    }
    const auto prepared = prepare_model(model, host_backend());
    const auto found = fit(*prepared, {.initial_theta = truth, .gradient_tolerance = 1e-4}, nullptr, {});
    const auto normal = standardised(host_backend(), found.state.theta, found.theta_covariance);
    const auto exact = dense_quadrature(*prepared, normal, 9.0, 25);
    const auto result = integrate(*prepared, found.state.theta, found.theta_covariance, {});
    expect_agreement(result, exact, {0.01, 0.02, 0.02, 0.02, 0.02});
    // Quantiles against the dense marginal of the component, by its own points.
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& density = result.theta[i].internal;
      double below = 0.0;
      double first = 0.0;
      double second = 0.0;
      const double step = density.grid[1] - density.grid[0];
      for (std::size_t j = 0; j < density.grid.size(); ++j) {
        EXPECT_GE(density.density[j], 0.0);
        if (density.grid[j] < density.quantiles[2]) below += step * density.density[j];
        first += step * density.density[j] * density.grid[j];
        second += step * density.density[j] * density.grid[j] * density.grid[j];
      }
      EXPECT_NEAR(below, 0.975, 0.01);
      EXPECT_NEAR(first, density.mean, 0.01 * density.sd);
      EXPECT_NEAR(std::sqrt(second - first * first) / density.sd, 1.0, 0.02);
    }
  }
}

/** Skewed densities of one component, known in closed form: log precision of a normal sample under a flat prior. */
TEST(Lattice, MarginalsOfALogGammaAreItsOwn) {
  // theta = log tau, p = tau^a e^(-a tau): mean digamma(a) - log a, variance trigamma(a).
  const struct {
    double a, mean, sd, lower, upper;
  } known[] = {
      // SciPy 1.17.1: scipy.stats.loggamma(a), less log a.
      {1.5, -0.3689751341, 0.9668516952, -2.6320373750, 1.1365933026},
      {4.0, -0.1301766927, 0.5327503691, -1.3002401829, 0.7847314585},
      {20.0, -0.0252082813, 0.2264306140, -0.4929431734, 0.3944329292},
  };
  for (const auto& item : known) {
    SCOPED_TRACE(item.a);
    StretchedNormal normal{{0.0}, {0}, DenseMatrix::zero(1, 1), 0.0, {}};
    normal.axes(0, 0) = 1.0 / std::sqrt(item.a);
    const auto fall = [&](double theta) { return item.a * (std::exp(theta) - 1.0 - theta); };
    const double size = std::numbers::sqrt2;
    normal.stretch = {{size / std::sqrt(2.0 * fall(-size * normal.axes(0, 0))),
                       size / std::sqrt(2.0 * fall(size * normal.axes(0, 0)))}};
    const SkewedAxis axis{normal.stretch[0][0], normal.stretch[0][1]};
    CentredLattice lattice(1);
    std::vector<LatticeWeight> points;
    for (auto keys = lattice.next_generation(); !keys.empty(); keys = lattice.next_generation()) {
      for (const auto& key : keys) {
        const auto u = lattice.at(key);
        const double theta = normal.axes(0, 0) * axis.value(u[0]);
        const double log_weight = std::log(axis.slope(u[0])) - fall(theta);
        lattice.found(key, std::log(axis.slope(0.0)) - log_weight);
        points.push_back({u, {theta}, std::exp(log_weight)});
      }
    }
    EXPECT_LE(points.size(), 30U);
    const auto marginal = lattice_marginals(normal, points, {"log_tau"})[0].internal;
    EXPECT_NEAR(marginal.mean, item.mean, 1e-3 * item.sd);
    EXPECT_NEAR(marginal.sd / item.sd, 1.0, 2e-3);
    EXPECT_NEAR(marginal.quantiles[0], item.lower, 0.03 * item.sd);
    EXPECT_NEAR(marginal.quantiles[2], item.upper, 0.03 * item.sd);
  }
}

TEST(Lattice, ServesFewComponentsAndTheDesignTheOthers) {
  const RandomModelOptions random{.num_processes = 3, .grid = 3, .num_steps = 3, .seed = 75};
  const auto model = random_model(random);
  const auto theta = random_theta(random);
  const auto prepared = prepare_model(model, host_backend());
  const std::size_t d = theta.size();
  std::vector<double> covariance(d * d, 0.0);
  for (std::size_t i = 0; i < d; ++i) covariance[i * d + i] = 1e-4;
  IntegrationOptions options;
  options.criteria = false;
  EXPECT_EQ(integrate(*prepared, theta, covariance, options).strategy, IntegrationStrategy::central_composite);
  options.strategy = IntegrationStrategy::lattice;
  EXPECT_THROW(static_cast<void>(integrate(*prepared, theta, covariance, options)), InvalidModel);
}

TEST_F(SpatialFixture, LeaveOneOutEqualsLeavingOut) {
  IntegrationOptions options;
  options.strategy = IntegrationStrategy::central_composite;
  const auto result = integrate(*prepared, mode, found.theta_covariance, options);
  options.strategy = IntegrationStrategy::empirical_bayes;
  const auto at_mode = integrate(*prepared, mode, found.theta_covariance, options);
  for (const std::size_t index : {std::size_t{0}, std::size_t{17}, std::size_t{119}}) {
    const auto reduced = prepare_model(without(index), host_backend());
    const auto design = row(index);
    const double y = model.observations[0].y[index];
    const auto pit = [&](const std::vector<double>& theta) {
      const auto moments = predict(*reduced, theta, {&design, 1})[0];
      const double sd = std::sqrt(moments.variance[0] + std::exp(-theta[2]));
      return 0.5 * std::erfc(-(y - moments.mean[0]) / (sd * std::numbers::sqrt2));
    };
    const auto log_cpo = [&](const std::vector<double>& theta) {
      return evaluate(*prepared, theta, {}).log_marginal_likelihood -
             evaluate(*reduced, theta, {}).log_marginal_likelihood;
    };
    // Differences of evidences of size 150: eps times that, and the cavity divides by 1 - h > .1.
    EXPECT_NEAR(at_mode.criteria.groups[0].log_cpo[index], log_cpo(mode), 1e-9);
    EXPECT_NEAR(at_mode.criteria.groups[0].pit[index], pit(mode), 1e-9);
    double inverse = 0.0;
    double weighted_pit = 0.0;
    for (const auto& point : result.points) {
      const double share = point.weight * std::exp(-log_cpo(point.theta));
      inverse += share;
      weighted_pit += share * pit(point.theta);
    }
    EXPECT_NEAR(result.criteria.groups[0].log_cpo[index], -std::log(inverse), 1e-8);
    EXPECT_NEAR(result.criteria.groups[0].pit[index], weighted_pit / inverse, 1e-8);
  }
}

TEST_F(SpatialFixture, CriteriaAgreeWithMonteCarlo) {
  IntegrationOptions options;
  options.strategy = IntegrationStrategy::central_composite;
  const auto result = integrate(*prepared, mode, found.theta_covariance, options);
  const std::size_t m = model.observations[0].y.size();
  const auto& observed = model.observations[0];
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  constexpr int draws = 400;
  double deviance = 0.0;
  double deviance_square = 0.0;
  std::vector<double> first(m, 0.0), second(m, 0.0), density(m, 0.0);
  double total = 0.0;
  for (const auto& point : result.points) {
    const Posterior whole(*prepared, point.theta, {}, nullptr);
    const auto& posterior = whole.conditional();
    ObservationMoments collector(posterior);
    posterior.for_each_covariance([&](const StepCovariance& group) { collector.visit(group); });
    const auto moments = collector.take();
    const double precision = std::exp(point.theta[2]);
    for (int draw = 0; draw < draws; ++draw) {
      double sum = 0.0;
      for (std::size_t i = 0; i < m; ++i) {
        const double eta = moments[0].mean[i] + std::sqrt(moments[0].variance[i]) * normal(random);
        const double residual = observed.y[i] - eta;
        const double value = 0.5 * (std::log(precision / (2.0 * std::numbers::pi)) - precision * residual * residual);
        sum -= 2.0 * value;
        first[i] += point.weight * value / draws;
        second[i] += point.weight * value * value / draws;
        density[i] += point.weight * std::exp(value) / draws;
      }
      deviance += point.weight * sum / draws;
      deviance_square += point.weight * sum * sum / draws;
    }
    total += point.weight;
  }
  // Standard error of the mean deviance over 6000 draws; five of them.
  const double error = std::sqrt((deviance_square - deviance * deviance) / (draws * 15.0));
  EXPECT_NEAR(result.criteria.mean_deviance, deviance, 5.0 * error + 0.2);
  EXPECT_NEAR(result.criteria.dic, result.criteria.mean_deviance + result.criteria.dic_effective_parameters, 1e-9);
  double waic = 0.0;
  double effective = 0.0;
  double deviance_at_mean = 0.0;
  const double precision = std::exp(mode[2]);
  for (std::size_t i = 0; i < m; ++i) {
    const double variance = second[i] - first[i] * first[i];
    effective += variance;
    waic -= 2.0 * (std::log(density[i]) - variance);
    const double residual = observed.y[i] - result.observations[0].mean[i];
    deviance_at_mean -= std::log(precision / (2.0 * std::numbers::pi)) - precision * residual * residual;
  }
  EXPECT_NEAR(result.criteria.deviance_at_mean, deviance_at_mean, 1e-9 * std::abs(deviance_at_mean));
  // Monte Carlo error of 120 variances of heavy-tailed log densities: below 3 % of their sum.
  EXPECT_NEAR(result.criteria.waic_effective_parameters, effective, 0.03 * effective);
  EXPECT_NEAR(result.criteria.waic, waic, 0.06 * effective);
}

TEST_F(SpatialFixture, AFixedComponentStaysWhereItIs) {
  auto covariance = found.theta_covariance;
  for (std::size_t i = 0; i < 3; ++i) covariance[i * 3 + 1] = covariance[3 + i] = 0.0;
  IntegrationOptions options;
  options.strategy = IntegrationStrategy::central_composite;
  const auto result = integrate(*prepared, mode, covariance, options);
  EXPECT_EQ(result.points.size(), 9U);
  for (const auto& point : result.points) EXPECT_EQ(point.theta[1], mode[1]);
  EXPECT_EQ(result.theta[1].internal.sd, 0.0);
}

TEST_F(SpatialFixture, NamesACovarianceThatIsNotOne) {
  EXPECT_THROW(static_cast<void>(integrate(*prepared, mode, std::vector<double>(4, 1.0), {})), InvalidModel);
  auto covariance = found.theta_covariance;
  covariance[1] = covariance[3] = 10.0;
  EXPECT_THROW(static_cast<void>(integrate(*prepared, mode, covariance, {})), InvalidModel);
  IntegrationOptions options;
  options.radius_factor = 0.5;
  EXPECT_THROW(static_cast<void>(integrate(*prepared, mode, found.theta_covariance, options)), InvalidModel);
}

TEST_F(SpatialFixture, RefusesTheCovarianceOfAFitThatFailed) {
  const std::vector<double> zeros(9, 0.0);
  EXPECT_THROW(static_cast<void>(integrate(*prepared, mode, zeros, {})), InvalidModel);
  IntegrationOptions options;
  options.strategy = IntegrationStrategy::empirical_bayes;
  EXPECT_EQ(integrate(*prepared, mode, zeros, options).points.size(), 1U);
}

TEST_F(SpatialFixture, PredictionsAreTheMixtureOfThePointsPredictions) {
  IntegrationOptions options;
  options.predictions = {row(3), row(40)};
  options.criteria = false;
  options.latent = false;
  const auto result = integrate(*prepared, mode, found.theta_covariance, options);
  EXPECT_TRUE(result.latent.mean.empty());
  double mean = 0.0;
  double square = 0.0;
  for (const auto& point : result.points) {
    const auto moments = predict(*prepared, point.theta, options.predictions)[1];
    mean += point.weight * moments.mean[0];
    square += point.weight * (moments.variance[0] + moments.mean[0] * moments.mean[0]);
  }
  EXPECT_NEAR(result.predictions[1].mean[0], mean, 1e-11);
  EXPECT_NEAR(result.predictions[1].sd[0], std::sqrt(square - mean * mean), 1e-9);
}

}  // namespace
}  // namespace tramontana

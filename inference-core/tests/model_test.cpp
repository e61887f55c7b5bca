// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "host/host_backend.hpp"
#include "kernels/random_normal.hpp"
#include "model/diffusion_model.hpp"
#include "model/field_prior.hpp"
#include "model/joint_precision.hpp"
#include "model/mesh_basis.hpp"
#include "model/priors.hpp"
#include "model/sphere_variance.hpp"
#include "model/theta_layout.hpp"
#include "support/random_model.hpp"

namespace tramontana {
namespace {

TEST(Dual, CarriesDerivativesThroughEveryOperation) {
  const auto x = Dual<2>::variable(0.7, 0);
  const auto y = Dual<2>::variable(1.9, 1);
  const auto f = exp(x * y) / (log(y) + Dual<2>(2.0)) - x / y + (-y);
  const double e = std::exp(0.7 * 1.9);
  const double denominator = std::log(1.9) + 2.0;
  EXPECT_NEAR(f.value, e / denominator - 0.7 / 1.9 - 1.9, 1e-15);
  EXPECT_NEAR(f.derivative[0], 1.9 * e / denominator - 1.0 / 1.9, 1e-14);
  EXPECT_NEAR(f.derivative[1], 0.7 * e / denominator - e / (1.9 * denominator * denominator) + 0.7 / (1.9 * 1.9) - 1.0,
              1e-14);
}

TEST(SphereVariance, SeriesPlusTailEqualsALongSum) {
  for (const double g : {0.5, 3.0, 40.0, 800.0}) {
    double sum = 0.0;
    constexpr int terms = 4000000;
    for (int k = terms - 1; k >= 0; --k) {
      sum += (2.0 * k + 1.0) / (4.0 * std::numbers::pi * std::pow(g * g + k * (k + 1.0), 2));
    }
    // The missing tail, 1 / (4 pi K^2), is added; its own error is O(K^-4).
    sum += 1.0 / (4.0 * std::numbers::pi * (g * g + static_cast<double>(terms) * terms - 0.25));
    EXPECT_NEAR(sphere_variance_sum(g * g, std::nullopt) / sum, 1.0, 1e-13) << g;
  }
}

TEST(SphereVariance, TruncationLosesVarianceAtShortRanges) {
  const double short_range = 800.0;
  EXPECT_LT(sphere_variance_sum(short_range, 50), 0.9 * sphere_variance_sum(short_range, std::nullopt));
}

TEST(LogPrior, DerivativesAgreeWithDifferences) {
  for (const auto kind :
       {ThetaPrior::Kind::gaussian, ThetaPrior::Kind::spatial_range, ThetaPrior::Kind::temporal_range,
        ThetaPrior::Kind::sigma, ThetaPrior::Kind::noise_sd, ThetaPrior::Kind::noise_precision_compat}) {
    const ThetaPrior prior{kind, 0.4, 2.5, 0.8};
    constexpr double h = 1e-4;
    const auto at = [&](double t) { return log_prior(prior, t); };
    const auto value = at(0.3);
    // Central differences: h^2 of the third derivative.
    EXPECT_NEAR(value.slope, (at(0.3 + h).log_density - at(0.3 - h).log_density) / (2 * h), 1e-7);
    EXPECT_NEAR(value.curvature, (at(0.3 + h).slope - at(0.3 - h).slope) / (2 * h), 1e-7);
  }
}

TEST(LogPrior, NoiseSdIsAnExponentialDensityOfTheStandardDeviation) {
  // Integrates to one over the log precision, and to the exponential's probability below a quantile.
  const ThetaPrior prior{ThetaPrior::Kind::noise_sd, 0.0, 0.0, 1.3};
  double total = 0.0;
  double above = 0.0;
  constexpr double step = 1e-3;
  for (double t = -30.0; t < 60.0; t += step) {
    const double density = std::exp(log_prior(prior, t).log_density) * step;
    total += density;
    if (std::exp(-0.5 * t) > 0.9) above += density;
  }
  EXPECT_NEAR(total, 1.0, 1e-6);
  EXPECT_NEAR(above, std::exp(-1.3 * 0.9), 1e-3);
}

/** One Gaussian group a process. */
ThetaLayout gaussian_layout(const std::vector<std::string>& field, std::size_t num_processes) {
  std::vector<GroupParameters> groups;
  for (std::size_t k = 0; k < num_processes; ++k) groups.push_back({k, {"log_noise_precision"}});
  return {field, num_processes, groups, 0};
}

TEST(ThetaLayout, FollowsTheDocumentedOrder) {
  const std::vector<std::string> field{"log_range_s", "log_range_t", "log_sigma"};
  EXPECT_EQ(gaussian_layout(field, 1).names(),
            (std::vector<std::string>{"log_range_s", "log_range_t", "log_sigma", "log_noise_precision"}));
  const auto three = gaussian_layout(field, 3);
  ASSERT_EQ(three.size(), 15U);
  EXPECT_EQ(three.names()[2], "log_noise_precision_0");
  EXPECT_EQ(three.names()[9], "log_sigma_0");
  EXPECT_EQ(three.names()[12], "lambda_0_to_1");
  EXPECT_EQ(three.names()[13], "lambda_1_to_2");
  EXPECT_EQ(three.names()[14], "lambda_0_to_2");
  EXPECT_EQ(gaussian_layout({"log_range_s", "log_sigma"}, 2).size(), 7U);
}

TEST(ThetaLayout, FurtherGroupsAndRandomEffectsComeLast) {
  const ThetaLayout layout({"log_range_s", "log_sigma"}, 2,
                           {{0, {"log_noise_precision"}}, {0, {"log_noise_precision"}}, {1, {}}}, 1);
  EXPECT_EQ(layout.names(), (std::vector<std::string>{"log_range_s_0", "log_noise_precision_0", "log_range_s_1",
                                                      "log_sigma_0", "log_sigma_1", "lambda_0_to_1",
                                                      "log_noise_precision_group_1", "log_effect_precision_0"}));
  EXPECT_EQ(layout.likelihood(1), std::vector<std::size_t>{6});
  EXPECT_TRUE(layout.likelihood(2).empty());
}

TEST(Coregionalisation, InvertsTheTransformOfTheDefinition) {
  const auto layout = gaussian_layout({"log_range_s", "log_range_t", "log_sigma"}, 3);
  std::vector<double> theta(15, 0.0);
  theta[12] = 0.7;   // 0 -> 1
  theta[13] = -0.4;  // 1 -> 2
  theta[14] = 0.5;   // 0 -> 2
  const auto l = coregionalisation_matrix(layout, theta);
  // v0 = w0; v1 = .7 v0 + w1; v2 = .5 v0 - .4 v1 + w2.
  const std::vector<double> expected{1, 0, 0, 0.7, 1, 0, 0.5 - 0.4 * 0.7, -0.4, 1};
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(l[i], expected[i], 1e-15);
}

struct PriorFixture : ::testing::Test {
  testing::RandomModelOptions options{.grid = 3, .num_steps = 4};
  EngineModel model = testing::random_model(options);
  HostBackend backend;
  std::unique_ptr<LatentModel> latent = make_latent_model(model);
  MeshBasis basis{model.c0, compute_spectral_basis(model.c0, model.g1, backend), backend};
  std::vector<double> parameters{0.6, 0.9, -0.2};
};

TEST_F(PriorFixture, GradientOfTheLogDeterminantIsTheContractionOfThePriorMoments) {
  const FieldPrior prior(*latent, basis.eigenvalues(), parameters);
  const auto gradient = prior.contract(prior.prior_moments());
  for (std::size_t i = 0; i < 3; ++i) {
    constexpr double h = 1e-4;
    auto above = parameters;
    auto below = parameters;
    above[i] += h;
    below[i] -= h;
    const double difference = (FieldPrior(*latent, basis.eigenvalues(), above).log_determinant() -
                               FieldPrior(*latent, basis.eigenvalues(), below).log_determinant()) /
                              (2 * h);
    // Half of the derivative; h^2 of the third derivative remains.
    EXPECT_NEAR(gradient[i], 0.5 * difference, 1e-6);
  }
}

TEST_F(PriorFixture, SolveUndoesApply) {
  const FieldPrior prior(*latent, basis.eigenvalues(), parameters);
  BlockVector z(4, 9, 2);
  RandomNormal normal(3);
  for (std::size_t step = 0; step < 4; ++step) {
    for (std::size_t i = 0; i < 18; ++i) z.block(step).data[i] = normal();
  }
  BlockVector product(4, 9, 2);
  prior.apply(z, 0, product);
  prior.solve(product, 0);
  for (std::size_t step = 0; step < 4; ++step) {
    for (std::size_t i = 0; i < 18; ++i) EXPECT_NEAR(product.block(step).data[i], z.block(step).data[i], 1e-12);
  }
}

TEST_F(PriorFixture, DerivativeProductAgreesWithDifferences) {
  BlockVector z(4, 9, 1);
  RandomNormal normal(4);
  for (std::size_t step = 0; step < 4; ++step) {
    for (std::size_t i = 0; i < 9; ++i) z.block(step)(i, 0) = normal();
  }
  const FieldPrior prior(*latent, basis.eigenvalues(), parameters);
  for (std::size_t parameter = 0; parameter < 3; ++parameter) {
    constexpr double h = 1e-5;
    auto above = parameters;
    auto below = parameters;
    above[parameter] += h;
    below[parameter] -= h;
    BlockVector high(4, 9, 1);
    BlockVector low(4, 9, 1);
    FieldPrior(*latent, basis.eigenvalues(), above).apply(z, 0, high);
    FieldPrior(*latent, basis.eigenvalues(), below).apply(z, 0, low);
    BlockVector derivative(4, 9, 2);
    prior.add_derivative_product(parameter, z, 0, 0, derivative, 1);
    for (std::size_t step = 0; step < 4; ++step) {
      for (std::size_t i = 0; i < 9; ++i) {
        const double difference = (high.block(step)(i, 0) - low.block(step)(i, 0)) / (2 * h);
        EXPECT_NEAR(derivative.block(step)(i, 1), difference, 1e-7 * (1.0 + std::abs(difference)));
      }
    }
  }
}

TEST_F(PriorFixture, ColoredNoiseHasThePriorsMoments) {
  const FieldPrior prior(*latent, basis.eigenvalues(), parameters);
  constexpr std::size_t draws = 20000;
  BlockVector z(4, 9, draws);
  RandomNormal normal(5);
  for (std::size_t step = 0; step < 4; ++step) {
    for (std::size_t i = 0; i < 9 * draws; ++i) z.block(step).data[i] = normal();
  }
  prior.color(z, 0);
  ModeMoments found(27, 0.0);
  prior.add_moments(z, 0, found);
  const auto expected = prior.prior_moments();
  for (std::size_t i = 0; i < 27; ++i) {
    // Relative error sqrt(2 / 20000) = 1 % a moment, times five.
    EXPECT_NEAR(found[i] / draws, expected[i], 0.05 * std::abs(expected[i]) + 1e-12);
  }
}

TEST_F(PriorFixture, BasisChangesUndoEachOther) {
  BlockVector x(4, 9, 2);
  RandomNormal normal(6);
  for (std::size_t step = 0; step < 4; ++step) {
    for (std::size_t i = 0; i < 18; ++i) x.block(step).data[i] = normal();
  }
  const auto there = basis.to_nodal(backend, basis.to_spectral(backend, x));
  const auto dual = basis.dual_to_nodal(backend, basis.dual_to_spectral(backend, x));
  for (std::size_t step = 0; step < 4; ++step) {
    for (std::size_t i = 0; i < 18; ++i) {
      EXPECT_NEAR(there.block(step).data[i], x.block(step).data[i], 1e-13);
      EXPECT_NEAR(dual.block(step).data[i], x.block(step).data[i], 1e-13);
    }
  }
}

TEST(ObservationPatterns, EqualRowsAndWeightsShareOnePattern) {
  testing::RandomModelOptions options{.num_steps = 6, .same_pattern = true, .weights = true};
  const auto model = testing::random_model(options);
  const HostBackend backend;
  const MeshBasis basis(model.c0, compute_spectral_basis(model.c0, model.g1, backend), backend);
  const BorderColumns columns{1, {}};
  const ObservationModel same(model.observations[0], columns, 6, basis, backend);
  for (std::size_t step = 0; step < 6; ++step) EXPECT_EQ(same.pattern_of(step), 0);
  auto changed = model.observations[0];
  changed.weights.back() *= 2.0;
  const ObservationModel different(changed, columns, 6, basis, backend);
  EXPECT_EQ(different.pattern_of(4), 0);
  EXPECT_EQ(different.pattern_of(5), 1);
}

}  // namespace
}  // namespace tramontana

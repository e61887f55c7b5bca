// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "support/random_model.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/fit.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

struct BadModel {
  const char* name;
  std::function<void(EngineModel&)> spoil;
  const char* expected_text;
};

void PrintTo(const BadModel& model, std::ostream* out) { *out << model.name; }

class EveryBadModel : public ::testing::TestWithParam<BadModel> {};

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::function<void(EngineModel&)> with_prior(std::size_t index, ThetaPrior::Kind kind) {
  return [=](EngineModel& model) {
    model.priors[index] = {.kind = kind, .mean = 0.0, .precision = 1.0, .lambda = 1.0};
    model.priors[index].shape = model.priors[index].rate = 1.0;
  };
}

/** Two further covariates beside the column of ones: a wave, and what `value` makes of both. */
void add_columns(EngineModel& model, const std::function<double(double one, double wave)>& value) {
  for (auto& group : model.observations) {
    std::vector<double> wider;
    for (std::size_t row = 0; row < group.y.size(); ++row) {
      const double one = group.covariates[row];
      const double wave = std::sin(0.7 * static_cast<double>(row));
      wider.insert(wider.end(), {one, wave, value(one, wave)});
    }
    group.covariates = wider;
    group.num_covariates = 3;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, EveryBadModel,
    ::testing::Values(
        BadModel{"nan_observation", [](EngineModel& m) { m.observations[0].y[2] = not_a_number; }, "observations[0].y"},
        BadModel{"infinite_observation", [](EngineModel& m) { m.observations[0].y[0] = infinity; },
                 "observations[0].y"},
        BadModel{"step_out_of_range", [](EngineModel& m) { m.observations[0].time_index[1] = 5; }, "timeIndex"},
        BadModel{"negative_step", [](EngineModel& m) { m.observations[0].time_index[1] = -1; }, "timeIndex"},
        BadModel{"node_out_of_range", [](EngineModel& m) { m.observations[0].projector.column_indices[0] = 16; },
                 "columnIndices"},
        BadModel{"projector_of_another_mesh", [](EngineModel& m) { m.observations[0].projector.num_columns = 15; },
                 "projector must be"},
        BadModel{"pointers_that_decrease", [](EngineModel& m) { m.observations[0].projector.row_pointers[1] = 100000; },
                 "rowPointers"},
        BadModel{"short_covariates", [](EngineModel& m) { m.observations[0].covariates.pop_back(); }, "covariates"},
        BadModel{"nan_covariate", [](EngineModel& m) { m.observations[0].covariates[0] = not_a_number; }, "covariates"},
        BadModel{"zero_weight",
                 [](EngineModel& m) { m.observations[0].weights.assign(m.observations[0].y.size(), 0.0); }, "weights"},
        BadModel{"no_group", [](EngineModel& m) { m.observations.clear(); }, "observations"},
        BadModel{"no_observation",
                 [](EngineModel& m) {
                   m.observations[0] = {};
                   m.observations[0].projector = {0, 16, {0}, {}, {}};
                 },
                 "at least one observation"},
        BadModel{"negative_mass", [](EngineModel& m) { m.c0[3] = -1.0; }, "c0"},
        BadModel{"empty_mesh", [](EngineModel& m) { m.c0.clear(); }, "c0"},
        BadModel{"unsymmetric_stiffness", [](EngineModel& m) { m.g1.values[1] += 0.1; }, "symmetric"},
        BadModel{"no_temporal_matrices", [](EngineModel& m) { m.temporal.reset(); }, "temporal"},
        BadModel{"short_temporal_matrix", [](EngineModel& m) { m.temporal->m2_off_diagonal.pop_back(); },
                 "m2OffDiagonal"},
        BadModel{"spatial_with_steps", [](EngineModel& m) { m.kind = ModelKind::spatial; }, "numTimeSteps"},
        BadModel{"zero_fixed_precision", [](EngineModel& m) { m.fixed_effects_prior_precision = 0.0; },
                 "fixedEffectsPriorPrecision"},
        BadModel{"missing_prior", [](EngineModel& m) { m.priors.pop_back(); }, "one prior"},
        BadModel{"sigma_prior_of_a_range", with_prior(0, ThetaPrior::Kind::sigma),
                 "priors[0] (log_range_s) must be of the kind 'gaussian', 'spatial-range' or 'fixed', found 'sigma'"},
        BadModel{"spatial_prior_of_a_temporal_range", with_prior(1, ThetaPrior::Kind::spatial_range),
                 "priors[1] (log_range_t) must be of the kind 'gaussian', 'temporal-range' or 'fixed'"},
        BadModel{"gamma_prior_of_a_standard_deviation", with_prior(2, ThetaPrior::Kind::log_gamma),
                 "priors[2] (log_sigma) must be of the kind 'gaussian', 'sigma' or 'fixed', found 'log-gamma'"},
        BadModel{"range_prior_of_a_precision", with_prior(3, ThetaPrior::Kind::temporal_range),
                 "priors[3] (log_noise_precision) must be of the kind 'gaussian', 'noise-sd'"},
        BadModel{"a_column_twice", [](EngineModel& m) { add_columns(m, [](double, double) { return -1e6; }); },
                 "column 2 collinear with column 0"},
        BadModel{"a_sum_of_columns",
                 [](EngineModel& m) { add_columns(m, [](double one, double wave) { return 0.1 * one - 3e4 * wave; }); },
                 "column 2 collinear with columns 0, 1"},
        BadModel{"a_collinear_column_in_two_groups",
                 [](EngineModel& m) {
                   add_columns(m, [](double, double wave) { return wave / 3.0; });
                   m.observations.push_back(m.observations[0]);
                   m.priors.push_back({});
                 },
                 "process 0 must be linearly independent"},
        BadModel{"negative_rate",
                 [](EngineModel& m) {
                   m.priors[0].kind = ThetaPrior::Kind::sigma;
                   m.priors[0].lambda = -1.0;
                 },
                 "lambda"},
        BadModel{"short_basis",
                 [](EngineModel& m) {
                   m.spectral_basis = SpectralBasis{{1.0}, {1.0}};
                 },
                 "spectralBasis"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_P(EveryBadModel, IsRefusedWithTheNameOfTheField) {
  auto model = random_model({});
  GetParam().spoil(model);
  try {
    static_cast<void>(prepare_model(std::move(model), host_backend()));
    FAIL() << "expected InvalidModel";
  } catch (const InvalidModel& error) {
    EXPECT_NE(std::string(error.what()).find(GetParam().expected_text), std::string::npos) << error.what();
  }
}

TEST(Covariates, ThatAreNearlyCollinearOrZeroAreAccepted) {
  for (const double shift : {1e-6, 1e3}) {
    auto model = random_model({});
    double sign = 1.0;
    add_columns(model, [&](double one, double) { return 1e4 * one * (1.0 + (sign = -sign) * shift); });
    EXPECT_NO_THROW(static_cast<void>(prepare_model(std::move(model), host_backend())));
  }
  auto model = random_model({});
  add_columns(model, [](double, double) { return 0.0; });
  EXPECT_NO_THROW(static_cast<void>(prepare_model(std::move(model), host_backend())));
}

/** What a fit says of a range that the mesh of random_model(), with edges of about 0.3, has no field of. */
std::string refusal(const std::function<void(EngineModel&, FitOptions&)>& spoil) {
  auto model = random_model({});
  FitOptions options{.initial_theta = random_theta({})};
  spoil(model, options);
  try {
    const auto prepared = prepare_model(std::move(model), host_backend());
    // Nothing is estimated by an evaluation, and it may be anywhere.
    static_cast<void>(evaluate(*prepared, random_theta({}), {}));
    static_cast<void>(fit(*prepared, options, nullptr, {}));
  } catch (const InvalidModel& error) {
    return error.what();
  }
  return "";
}

TEST(SpatialRange, BelowTheEdgesOfTheMeshIsRefusedByAFit) {
  const double far_below = std::log(1e-3);
  const auto expect_refusal = [](const std::string& of, const std::string& found,
                                 const std::function<void(EngineModel&, FitOptions&)>& spoil) {
    const auto text = refusal(spoil);
    EXPECT_EQ(text.rfind(of + " (log_range_s) must not keep the spatial range below the shortest edge", 0), 0) << text;
    EXPECT_NE(text.find("found " + found), std::string::npos) << text;
  };
  expect_refusal("initialTheta[0]", "-6.91, a range of 0.001",
                 [&](EngineModel&, FitOptions& options) { options.initial_theta[0] = far_below; });
  expect_refusal("upperBounds[0]", "-6.91, a range of 0.001", [&](EngineModel&, FitOptions& options) {
    options.upper_bounds = {far_below, 9.0, 9.0, 9.0};
  });
  expect_refusal("priors[0]", "it fixed at 0.001", [&](EngineModel& model, FitOptions&) {
    model.priors[0] = {.kind = ThetaPrior::Kind::fixed, .mean = far_below};
  });
  expect_refusal("priors[0]", "95 % of its mass below",
                 [&](EngineModel& model, FitOptions&) { model.priors[0] = {.mean = far_below, .precision = 4.0}; });
  expect_refusal("priors[0]", "95 % of its mass below 0.00195", [&](EngineModel& model, FitOptions&) {
    model.priors[0] = {.kind = ThetaPrior::Kind::spatial_range, .lambda = 1e-4};
  });
  EXPECT_EQ(refusal([&](EngineModel& model, FitOptions&) { model.priors[0] = {.mean = far_below, .precision = 0.01}; }),
            "");
}

TEST(MultilevelStart, OnAMeshTooCoarseForTheStartSaysSo) {
  auto model = random_model({});
  for (auto& mass : model.c0) mass *= 100.0;
  const auto coarse = prepare_model(std::move(model), host_backend());
  const auto start = multilevel_start(*coarse, {.initial_theta = random_theta({})});
  EXPECT_FALSE(start.is_used);
  EXPECT_EQ(start.reason.rfind("the coarse mesh is too coarse to begin with: initialTheta[0]", 0), 0) << start.reason;
  EXPECT_EQ(start.coarse_evaluations, 0);
}

TEST(Theta, MustHaveTheRightLengthAndBeFinite) {
  const auto prepared = prepare_model(random_model({}), host_backend());
  auto theta = random_theta({});
  theta[1] = not_a_number;
  EXPECT_THROW(static_cast<void>(evaluate(*prepared, theta, {})), InvalidModel);
  theta.pop_back();
  EXPECT_THROW(static_cast<void>(evaluate(*prepared, theta, {})), InvalidModel);
}

TEST(Theta, ThatOverflowsIsATypedFailureWithTheta) {
  const auto prepared = prepare_model(random_model({}), host_backend());
  auto theta = random_theta({});
  theta[2] = -400.0;
  try {
    static_cast<void>(evaluate(*prepared, theta, {.gradient = true}));
    FAIL() << "expected NotPositiveDefinite";
  } catch (const NotPositiveDefinite& error) {
    EXPECT_EQ(error.facts().back().first, "theta");
    EXPECT_EQ(std::get<std::vector<double>>(error.facts().back().second), theta);
  }
}

TEST(Designs, AreCheckedBeforeAnythingIsComputed) {
  const auto model = random_model({});
  const auto prepared = prepare_model(model, host_backend());
  const auto theta = random_theta({});
  PredictionDesign design{0, {0, 2}, model.observations[0].projector, model.observations[0].covariates};
  auto bad = design;
  bad.process = 1;
  EXPECT_THROW(static_cast<void>(predict(*prepared, theta, std::span(&bad, 1))), InvalidModel);
  bad = design;
  bad.time_indices = {5};
  EXPECT_THROW(static_cast<void>(predict(*prepared, theta, std::span(&bad, 1))), InvalidModel);
  bad = design;
  bad.covariates.pop_back();
  EXPECT_THROW(static_cast<void>(predict(*prepared, theta, std::span(&bad, 1))), InvalidModel);
}

TEST(Threads, MustBeAtLeastOne) {
  EXPECT_THROW(set_num_threads(0), InvalidModel);
  EXPECT_NO_THROW(set_num_threads(2));
}

}  // namespace
}  // namespace tramontana

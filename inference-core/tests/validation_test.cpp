// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "support/random_model.hpp"
#include "tramontana/engine.hpp"

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

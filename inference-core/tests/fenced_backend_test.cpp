// SPDX-License-Identifier: Apache-2.0
#include "support/fenced_backend.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "block_access/block_access.hpp"
#include "solver/factor.hpp"
#include "support/random_model.hpp"
#include "support/recursion_answer.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/leave_out.hpp"
#include "tramontana/sampling.hpp"

namespace tramontana {
namespace {

using testing::FencedBackend;
using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;
using Coordinates = EvaluationOptions::Coordinates;
using SelectedInverse = EvaluationOptions::SelectedInverse;

struct Case {
  const char* name;
  RandomModelOptions options;
  bool is_poisson = false;
  double noise_log_precision = 0.0;  ///< of a single process, unless zero
};

void PrintTo(const Case& item, std::ostream* out) { *out << item.name; }

const Case cases[] = {
    {"gaussian", {.weights = true, .gaps = true, .seed = 61}},
    {"long_run", {.grid = 3, .num_steps = 45, .observations_per_step = 1, .same_pattern = true, .seed = 36}},
    {"three_processes", {.num_processes = 3, .grid = 3, .num_steps = 6, .gaps = true, .seed = 63}},
    {"poisson", {.num_steps = 4, .seed = 64}, true},
    // Data that outweigh the prior: the covariance of the data in place of the recursion.
    {"data_space", {.kind = ModelKind::spatial, .observations_per_step = 9, .seed = 65}, false, std::log(1e12)},
};

std::pair<EngineModel, std::vector<double>> build(const Case& item) {
  auto model = random_model(item.options);
  auto theta = random_theta(item.options);
  if (item.noise_log_precision != 0.0) theta.back() = item.noise_log_precision;
  if (item.is_poisson) {
    model.observations[0].likelihood = Likelihood::poisson;
    for (auto& y : model.observations[0].y) y = std::round(std::exp(0.8 * y));
    // The last but for the standard deviation is the precision of the noise, of which there is none.
    theta.pop_back();
    model.priors.pop_back();
  }
  return {std::move(model), std::move(theta)};
}

/** Everything that an engine says of a model, in plain numbers. */
struct Told {
  std::vector<std::pair<std::string, std::vector<double>>> parts;

  void add(std::string name, std::vector<double> values) { parts.emplace_back(std::move(name), std::move(values)); }
};

PredictionDesign first_rows(const EngineModel& model) {
  PredictionDesign design;
  const auto& group = model.observations[0];
  design.time_indices = {0};
  if (model.num_time_steps > 1) design.time_indices.push_back(model.num_time_steps - 1);
  design.projector.num_rows = 3;
  design.projector.num_columns = group.projector.num_columns;
  const auto end = group.projector.row_pointers[3];
  design.projector.row_pointers.assign(group.projector.row_pointers.begin(), group.projector.row_pointers.begin() + 4);
  design.projector.column_indices.assign(group.projector.column_indices.begin(),
                                         group.projector.column_indices.begin() + end);
  design.projector.values.assign(group.projector.values.begin(), group.projector.values.begin() + end);
  design.covariates.assign(group.covariates.begin(),
                           group.covariates.begin() + 3 * static_cast<std::ptrdiff_t>(group.num_covariates));
  return design;
}

Told tell(const Case& item, const Backend& backend) {
  const auto [model, theta] = build(item);
  const auto prepared = prepare_model(model, backend);
  const PredictionDesign design = first_rows(model);
  Told told;
  for (const auto coordinates : {Coordinates::spectral, Coordinates::nodal}) {
    const std::string where = coordinates == Coordinates::spectral ? "spectral " : "nodal ";
    // In nodal coordinates the precision alone would lose the digits that the covariance of the data keeps.
    if (coordinates == Coordinates::nodal && item.noise_log_precision != 0.0) continue;
    for (const auto method : {SelectedInverse::automatic, SelectedInverse::backward, SelectedInverse::two_filter,
                              SelectedInverse::two_sided}) {
      for (const bool latent : {false, true}) {
        const auto found =
            evaluate(*prepared, theta,
                     {.gradient = true, .latent = latent, .coordinates = coordinates, .selected_inverse = method});
        const auto name = where + std::to_string(static_cast<int>(method)) + (latent ? " latent " : " ");
        told.add(name + "objective", {found.objective, found.log_marginal_likelihood, found.log_determinant_posterior});
        told.add(name + "gradient", found.gradient);
        told.add(name + "mean", found.latent_mean);
        told.add(name + "variances", found.marginal_variances);
      }
    }
    const EvaluationOptions options{.coordinates = coordinates};
    for (const auto& moments : predict(*prepared, theta, std::span(&design, 1), options)) {
      told.add(where + "prediction mean", moments.mean);
      told.add(where + "prediction variance", moments.variance);
    }
    const std::vector<SamplingPoint> points{{theta, 1.0}};
    const auto samples =
        sample_posterior(*prepared, points,
                         {.num_samples = 5, .seed = 3, .latent = true, .predictions = {design}, .evaluation = options});
    told.add(where + "latent samples", samples.latent);
    told.add(where + "predicted samples", samples.predictions[0]);
    std::vector<std::vector<std::int32_t>> folds;
    for (const auto& group : model.observations) {
      folds.emplace_back();
      for (std::size_t i = 0; i < group.y.size(); ++i) folds.back().push_back(static_cast<std::int32_t>(i % 3) - 1);
    }
    const auto left_out = leave_groups_out(*prepared, theta, folds, options);
    told.add(where + "folds", left_out.fold_log_density);
    told.add(where + "score", {left_out.log_score});
  }
  return told;
}

class FencedEvaluation : public ::testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(Models, FencedEvaluation, ::testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(FencedEvaluation, NothingOutsideTheBackendTouchesABlock) {
  const auto expected = tell(GetParam(), host_backend());
  const FencedBackend fenced;
  const auto found = tell(GetParam(), fenced);
  ASSERT_EQ(found.parts.size(), expected.parts.size());
  for (std::size_t k = 0; k < found.parts.size(); ++k) {
    const auto& [name, values] = expected.parts[k];
    SCOPED_TRACE(name);
    ASSERT_EQ(found.parts[k].second.size(), values.size());
    double scale = 1.0;
    for (const double value : values) scale = std::max(scale, std::abs(value));
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(found.parts[k].second[i], values[i], 1e-10 * scale);
  }
  EXPECT_GT(fenced.num_calls("invert_positive_definite") + fenced.num_calls("row_dots"), 0);
}

TEST(FencedBackend, NoBlockCrossesInAnEvaluation) {
  const RandomModelOptions options{.num_processes = 2, .num_steps = 6, .weights = true, .gaps = true, .seed = 66};
  FencedBackend fenced;
  const auto prepared = prepare_model(random_model(options), fenced);
  const auto theta = random_theta(options);
  for (const auto coordinates : {Coordinates::spectral, Coordinates::nodal}) {
    for (const bool latent : {false, true}) {
      const EvaluationOptions evaluation{.gradient = true, .latent = latent, .coordinates = coordinates};
      fenced.reset_calls();
      (void)evaluate(*prepared, theta, evaluation);
      EXPECT_GT(fenced.num_calls("assemble"), 0);
      EXPECT_EQ(fenced.num_calls("upload"), 0);
      EXPECT_EQ(fenced.num_calls("download"), 0);
    }
  }
}

TEST(FencedBackend, RecursionsOfEveryCouplingKeepOut) {
  const FencedBackend fenced;
  using testing::CouplingKind;
  for (const auto kind : {CouplingKind::diagonal, CouplingKind::sparse, CouplingKind::dense}) {
    const testing::RandomSequence sequence(6, {0, 1, 1, 2, 1, 1, 0}, {0, 1, 0, 0, 1, 0}, kind, 0.2, false, fenced);
    const auto expected = testing::dense_answer(sequence);
    for (const auto method :
         {SelectedInverseMethod::backward, SelectedInverseMethod::two_filter, SelectedInverseMethod::two_sided}) {
      const auto factor = factorise(sequence, fenced, {{}, method}, nullptr);
      // Condition numbers below 100.
      testing::expect_close(testing::answer_of(sequence, *factor, fenced.blocks()), expected, 1e-12);
    }
  }
}

TEST(FencedBackendDeathTest, ReadingABlockEndsTheProcess) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const FencedBackend fenced;
  auto block = fenced.blocks().allocate(3, 3);
  fenced.blocks().zero(block.view());
  EXPECT_EQ(fenced.blocks().diagonal(block.view()), std::vector<double>(3, 0.0));
  EXPECT_DEATH({ *BlockAccess::address(block.view()) = 1.0; }, "");
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/observation_moments.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "inference/posterior/posterior.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "support/dense_reference.hpp"
#include "support/random_model.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

struct NamedModel {
  const char* name;
  RandomModelOptions options;
};

void PrintTo(const NamedModel& model, std::ostream* out) { *out << model.name; }

const NamedModel models[] = {
    {"univariate", {.weights = true, .seed = 31}},
    {"more_rows_than_nodes", {.observations_per_step = 25, .seed = 32}},
    {"one_pattern", {.num_steps = 12, .same_pattern = true, .seed = 33}},
    {"gaps", {.num_steps = 7, .gaps = true, .fixed_effect_offset = 40.0, .seed = 34}},
    {"bivariate", {.num_processes = 2, .observations_per_step = 20, .seed = 35}},
    {"trivariate_gaps", {.num_processes = 3, .grid = 3, .num_steps = 6, .gaps = true, .seed = 36}},
    {"spatial", {.kind = ModelKind::spatial, .observations_per_step = 30, .seed = 37}},
};

class EveryModel : public ::testing::TestWithParam<NamedModel> {};

INSTANTIATE_TEST_SUITE_P(Models, EveryModel, ::testing::ValuesIn(models),
                         [](const auto& info) { return std::string(info.param.name); });

struct Entry {
  std::size_t index;
  double weight;
};

/** The predictor rows of one response in time order, over the latent order of the dense reference. */
std::vector<std::vector<Entry>> predictor_rows(const EngineModel& model, std::size_t response) {
  const std::size_t n_s = model.c0.size();
  const std::size_t n_v = model.observations.size();
  std::size_t offset = n_s * n_v * static_cast<std::size_t>(model.num_time_steps);
  for (std::size_t j = 0; j < response; ++j) {
    offset += static_cast<std::size_t>(model.observations[j].num_covariates);
  }
  const auto& group = model.observations[response];
  std::vector<std::size_t> order(group.y.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return group.time_index[a] < group.time_index[b]; });
  std::vector<std::vector<Entry>> rows;
  for (const auto i : order) {
    std::vector<Entry> row;
    const auto first = (static_cast<std::size_t>(group.time_index[i]) * n_v + response) * n_s;
    for (auto p = group.projector.row_pointers[i]; p < group.projector.row_pointers[i + 1]; ++p) {
      row.push_back({first + static_cast<std::size_t>(group.projector.column_indices[p]), group.projector.values[p]});
    }
    const auto num_covariates = static_cast<std::size_t>(group.num_covariates);
    for (std::size_t c = 0; c < num_covariates; ++c) {
      row.push_back({offset + c, group.covariates[i * num_covariates + c]});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST_P(EveryModel, MomentsOfThePredictorAgreeWithADenseInverse) {
  const auto model = random_model(GetParam().options);
  const auto theta = random_theta(GetParam().options);
  const auto expected = testing::dense_answer(model, theta);
  const auto prepared = prepare_model(model, host_backend());
  for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
    for (const auto route :
         {EvaluationOptions::SelectedInverse::two_filter, EvaluationOptions::SelectedInverse::backward,
          EvaluationOptions::SelectedInverse::two_sided}) {
      const Posterior whole(*prepared, theta, {.coordinates = coordinates, .selected_inverse = route}, nullptr);
      const auto& posterior = whole.conditional();
      ObservationMoments collector(posterior);
      posterior.for_each_covariance([&](const StepCovariance& group) { collector.visit(group); });
      const auto found = collector.take();
      ASSERT_EQ(found.size(), model.observations.size());
      for (std::size_t j = 0; j < found.size(); ++j) {
        const auto rows = predictor_rows(model, j);
        ASSERT_EQ(found[j].mean.size(), rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
          double mean = 0.0;
          double variance = 0.0;
          for (const auto& a : rows[i]) {
            mean += a.weight * expected.mean[a.index];
            for (const auto& b : rows[i]) variance += a.weight * b.weight * expected.covariance(a.index, b.index);
          }
          // The dense inverse loses eps cond(Q), about 1e-16 * 1e6.
          ASSERT_NEAR(found[j].mean[i], mean, 1e-9 * (1.0 + std::abs(mean)));
          ASSERT_NEAR(found[j].variance[i] / variance, 1.0, 1e-8);
        }
      }
    }
  }
}

/** Rows of one entry, 2 at node i. */
CsrMatrix doubled_nodes(std::size_t num_nodes) {
  CsrMatrix rows;
  rows.num_rows = rows.num_columns = static_cast<std::int32_t>(num_nodes);
  for (std::size_t i = 0; i <= num_nodes; ++i) rows.row_pointers.push_back(static_cast<std::int32_t>(i));
  for (std::size_t i = 0; i < num_nodes; ++i) rows.column_indices.push_back(static_cast<std::int32_t>(i));
  rows.values.assign(num_nodes, 2.0);
  return rows;
}

TEST_P(EveryModel, SharedProductsGiveTheVariancesOfSeparateOnes) {
  const auto model = random_model(GetParam().options);
  const auto prepared = prepare_model(model, host_backend());
  const Posterior whole(*prepared, random_theta(GetParam().options), {}, nullptr);
  const auto& posterior = whole.conditional();
  const auto doubled = doubled_nodes(prepared->num_nodes());
  posterior.for_each_covariance([&](const StepCovariance& group) {
    for (std::size_t response = 0; response < prepared->num_processes(); ++response) {
      const auto& rows = model.observations[response].projector;
      StepVariances shared(posterior, group);
      const auto nodes = shared.nodes(response);
      const auto with_product = shared.rows(response, rows);
      const auto picked = shared.rows(response, doubled);
      StepVariances separate(posterior, group);
      const auto without = separate.rows(response, rows);
      const auto computed = separate.rows(response, doubled);
      // Sums of n_s squares in other orders.
      for (std::size_t i = 0; i < without.size(); ++i) ASSERT_NEAR(with_product[i] / without[i], 1.0, 1e-11);
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        ASSERT_NEAR(picked[i] / (4.0 * nodes[i]), 1.0, 1e-14);
        ASSERT_NEAR(computed[i] / picked[i], 1.0, 1e-11);
      }
    }
  });
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "support/random_model.hpp"

#include <array>
#include <cmath>
#include <map>
#include <random>

namespace tramontana::testing {
namespace {

using Row = std::map<std::int32_t, double>;

CsrMatrix csr_from_rows(const std::vector<Row>& rows, std::int32_t num_columns) {
  CsrMatrix matrix;
  matrix.num_rows = static_cast<std::int32_t>(rows.size());
  matrix.num_columns = num_columns;
  matrix.row_pointers.push_back(0);
  for (const auto& row : rows) {
    for (const auto& [column, value] : row) {
      matrix.column_indices.push_back(column);
      matrix.values.push_back(value);
    }
    matrix.row_pointers.push_back(static_cast<std::int32_t>(matrix.values.size()));
  }
  return matrix;
}

/** P1 mass (lumped) and stiffness of a square of side grid - 1, two triangles a cell, jittered nodes. */
void add_mesh(EngineModel& model, int grid, std::mt19937_64& random) {
  const int num_nodes = grid * grid;
  std::uniform_real_distribution<double> jitter(-0.15, 0.15);
  std::vector<std::array<double, 2>> points;
  for (int y = 0; y < grid; ++y) {
    for (int x = 0; x < grid; ++x) points.push_back({x + jitter(random), y + jitter(random)});
  }
  std::vector<Row> stiffness(static_cast<std::size_t>(num_nodes));
  model.c0.assign(static_cast<std::size_t>(num_nodes), 0.0);
  const auto add_triangle = [&](std::array<int, 3> nodes) {
    std::array<std::array<double, 2>, 3> edge{};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& from = points[static_cast<std::size_t>(nodes[(i + 1) % 3])];
      const auto& to = points[static_cast<std::size_t>(nodes[(i + 2) % 3])];
      edge[i] = {to[0] - from[0], to[1] - from[1]};
    }
    const double area = 0.5 * std::abs(edge[0][0] * edge[1][1] - edge[0][1] * edge[1][0]);
    for (std::size_t i = 0; i < 3; ++i) {
      model.c0[static_cast<std::size_t>(nodes[i])] += area / 3.0;
      for (std::size_t j = 0; j < 3; ++j) {
        stiffness[static_cast<std::size_t>(nodes[i])][nodes[j]] +=
            (edge[i][0] * edge[j][0] + edge[i][1] * edge[j][1]) / (4.0 * area);
      }
    }
  };
  for (int y = 0; y + 1 < grid; ++y) {
    for (int x = 0; x + 1 < grid; ++x) {
      const int corner = y * grid + x;
      add_triangle({corner, corner + 1, corner + grid + 1});
      add_triangle({corner, corner + grid + 1, corner + grid});
    }
  }
  model.g1 = csr_from_rows(stiffness, num_nodes);
}

ObservationGroup random_group(const RandomModelOptions& options, int process, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::normal_distribution<double> normal;
  const std::int32_t num_nodes = options.grid * options.grid;
  const auto random_row = [&] {
    Row row;
    double total = 0.0;
    for (int i = 0; i < 3; ++i) {
      const double weight = 0.1 + uniform(random);
      row[static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(num_nodes))] += weight;
      total += weight;
    }
    for (auto& [column, value] : row) value /= total;
    return row;
  };
  std::vector<Row> pattern;
  for (int i = 0; i < options.observations_per_step; ++i) pattern.push_back(random_row());
  std::vector<Row> rows;
  ObservationGroup group;
  group.process = process;
  group.num_covariates = 1 + process % 2;
  for (int step = 0; step < options.num_steps; ++step) {
    const bool is_empty = options.gaps && options.num_steps > 3 && (step == 1 || step == options.num_steps - 1);
    if (is_empty) continue;
    for (int i = 0; i < options.observations_per_step; ++i) {
      if (options.gaps && uniform(random) < 0.3) continue;
      rows.push_back(options.same_pattern ? pattern[static_cast<std::size_t>(i)] : random_row());
      group.time_index.push_back(step);
      group.y.push_back(options.fixed_effect_offset + 1.0 + 0.8 * normal(random));
      group.covariates.push_back(1.0);
      if (group.num_covariates == 2) group.covariates.push_back(normal(random));
      // The same cells keep their weights over the steps, as a grid with steady quality does.
      if (options.weights) group.weights.push_back(options.same_pattern ? 0.5 + 0.1 * i : 0.3 + uniform(random));
    }
  }
  group.projector = csr_from_rows(rows, num_nodes);
  return group;
}

/** For each component of theta its penalised form, Gaussian where it has none. */
std::vector<ThetaPrior::Kind> prior_kinds(const RandomModelOptions& options) {
  using Kind = ThetaPrior::Kind;
  std::vector<Kind> field{Kind::spatial_range};
  if (options.kind == ModelKind::separable) field.push_back(Kind::gaussian);
  if (options.kind != ModelKind::spatial && options.kind != ModelKind::separable) field.push_back(Kind::temporal_range);
  std::vector<Kind> kinds;
  for (int process = 0; process < options.num_processes; ++process) {
    kinds.insert(kinds.end(), field.begin(), field.end());
    if (options.num_processes == 1) kinds.push_back(Kind::sigma);
    kinds.push_back(process % 2 == 0 ? Kind::noise_sd : Kind::noise_precision_compat);
  }
  if (options.num_processes > 1) {
    kinds.insert(kinds.end(), static_cast<std::size_t>(options.num_processes), Kind::sigma);
    kinds.insert(kinds.end(), random_theta(options).size() - kinds.size(), Kind::gaussian);
  }
  return kinds;
}

}  // namespace

EngineModel random_model(const RandomModelOptions& options) {
  std::mt19937_64 random(options.seed);
  EngineModel model;
  model.kind = options.kind;
  model.manifold = options.manifold;
  const int num_steps = options.kind == ModelKind::spatial ? 1 : options.num_steps;
  model.num_time_steps = num_steps;
  add_mesh(model, options.grid, random);
  if (options.kind == ModelKind::spatio_temporal) {
    const auto count = static_cast<std::size_t>(num_steps);
    TemporalMatrices temporal{std::vector<double>(count, 1.0), std::vector<double>(count, 0.0),
                              std::vector<double>(count, 2.0), std::vector<double>(count - 1, -1.0)};
    for (const auto end : {std::size_t{0}, count - 1}) {
      temporal.m0[end] = 0.5;
      temporal.m1[end] = 0.5;
      temporal.m2_diagonal[end] = 1.0;
    }
    model.temporal = temporal;
  }
  auto group_options = options;
  group_options.num_steps = num_steps;
  for (int process = 0; process < options.num_processes; ++process) {
    model.observations.push_back(random_group(group_options, process, random));
  }
  const auto kinds = prior_kinds(options);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    ThetaPrior prior;
    prior.kind = options.penalized_priors ? kinds[i] : ThetaPrior::Kind::gaussian;
    prior.lambda = 0.7;
    prior.mean = 0.3;
    prior.precision = 0.5;
    model.priors.push_back(prior);
  }
  return model;
}

std::vector<double> random_theta(const RandomModelOptions& options) {
  std::mt19937_64 random(options.seed + 1000);
  std::normal_distribution<double> shake(0.0, 0.15);
  // On the unit sphere lengths are angles; the test mesh is then only an abstract pair of matrices.
  std::vector<double> field{std::log(2.0) + shake(random)};
  if (options.kind != ModelKind::spatial) field.push_back(std::log(2.5) + shake(random));
  std::vector<double> theta;
  for (int process = 0; process < options.num_processes; ++process) {
    for (const double value : field) theta.push_back(value + shake(random));
    if (options.num_processes == 1) theta.push_back(-0.2 + shake(random));
    theta.push_back(1.5 + shake(random));
  }
  if (options.num_processes > 1) {
    for (int process = 0; process < options.num_processes; ++process) theta.push_back(-0.2 + shake(random));
    for (int i = 0; i < options.num_processes * (options.num_processes - 1) / 2; ++i) {
      theta.push_back(0.5 + 2.0 * shake(random));
    }
  }
  return theta;
}

}  // namespace tramontana::testing

// SPDX-License-Identifier: Apache-2.0
#include "grid_scenario.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "torus_field.hpp"

namespace tramontana::bench {
namespace {

constexpr double normal_quantile = 1.959963984540054;

/** Bilinear interpolation between the centres of coarse cells; the nearest ones beyond the outermost. */
double bilinear(const GridGroup& group, const GridScenario& o, std::size_t step, std::size_t row, std::size_t column) {
  const auto place = [&](std::size_t index, std::size_t cells) {
    const double at = (static_cast<double>(index) + 0.5) / static_cast<double>(o.refine) - 0.5;
    return std::clamp(at, 0.0, static_cast<double>(cells - 1));
  };
  const double y = place(row, o.rows);
  const double x = place(column, o.columns);
  const auto r = std::min(static_cast<std::size_t>(y), o.rows - 2);
  const auto c = std::min(static_cast<std::size_t>(x), o.columns - 2);
  const double v = y - static_cast<double>(r);
  const double u = x - static_cast<double>(c);
  const double* map = group.y.data() + step * o.rows * o.columns;
  const auto value = [&](std::size_t i, std::size_t k) { return map[i * o.columns + k]; };
  return (1.0 - v) * ((1.0 - u) * value(r, c) + u * value(r, c + 1)) +
         v * ((1.0 - u) * value(r + 1, c) + u * value(r + 1, c + 1));
}

}  // namespace

GridScenario GridScenario::from(const Arguments& arguments) {
  const auto whole = [&](const char* name, int fallback) {
    return static_cast<std::size_t>(arguments.integer(name, fallback));
  };
  return {whole("--rows", 50),
          whole("--columns", 70),
          whole("--days", 5),
          whole("--pollutants", 1),
          whole("--refine", 5),
          arguments.number("--cell", 10.0),
          arguments.number("--range", 150.0),
          arguments.number("--range-days", 8.0),
          arguments.number("--sd", 6.5),
          arguments.number("--noise", 0.5),
          arguments.number("--level", 20.0),
          whole("--seed", 1)};
}

std::vector<double> GridScenario::theta() const {
  const auto& o = *this;
  const double noise = -2.0 * std::log(o.noise);
  if (o.processes == 1) return {std::log(o.range), std::log(o.range_days), std::log(o.sd), noise};
  std::vector<double> theta;
  for (std::size_t j = 0; j < o.processes; ++j) {
    const double share = 1.0 + 0.2 * static_cast<double>(j);
    theta.insert(theta.end(), {std::log(o.range / share), std::log(o.range_days / share), noise});
  }
  for (std::size_t j = 0; j < o.processes; ++j) theta.push_back(std::log(o.sd) - 0.1 * static_cast<double>(j));
  for (std::size_t j = 0; j < o.processes * (o.processes - 1) / 2; ++j) theta.push_back(0.5);
  return theta;
}

GridSimulation simulate(const GridScenario& o, const Backend& backend) {
  GridSimulation result;
  auto& model = result.model;
  model.grid = {static_cast<std::int32_t>(o.rows), static_cast<std::int32_t>(o.columns), o.cell, o.cell};
  model.num_time_steps = static_cast<std::int32_t>(o.steps);
  const auto theta = o.theta();
  for (std::size_t j = 0; j < o.processes; ++j) {
    auto& group = model.groups.emplace_back();
    group.process = static_cast<std::int32_t>(j);
    for (std::size_t t = 0; t < o.steps; ++t) group.time_index.push_back(static_cast<std::int32_t>(t));
    group.num_covariates = 1;
    group.covariates.assign(o.rows * o.columns, 1.0);
    group.y.assign(o.rows * o.columns * o.steps, 0.0);
  }
  for (std::size_t i = 0; i < theta.size(); ++i) {
    ThetaPrior prior;
    prior.precision = 0.01;
    model.priors.push_back(prior);
  }
  const PreparedGrid plain(model, backend);
  const FineWindow window{o.rows * o.refine, o.columns * o.refine, o.cell / static_cast<double>(o.refine),
                          o.cell / static_cast<double>(o.refine)};
  std::vector<std::vector<DenseMatrix>> fields;
  for (std::size_t j = 0; j < o.processes; ++j) {
    std::vector<double> parameters;
    for (const auto index : plain.layout().field(j)) parameters.push_back(theta[index]);
    fields.push_back(simulate_on_torus(plain.latent(), parameters, window, o.steps, o.seed * 97 + j, backend));
  }
  const auto mixing = coregionalisation_matrix(plain.layout(), theta);
  std::mt19937_64 random(o.seed + 1'000'003);
  std::normal_distribution<double> normal;
  for (std::size_t j = 0; j < o.processes; ++j) {
    auto& truth = result.truth.emplace_back();
    for (std::size_t t = 0; t < o.steps; ++t) {
      auto& map = truth.emplace_back(window.num_rows, window.num_columns);
      for (std::size_t i = 0; i < window.num_rows * window.num_columns; ++i) {
        double sum = o.level;
        for (std::size_t k = 0; k <= j; ++k) sum += mixing[j * o.processes + k] * fields[k][t].data()[i];
        map.data()[i] = sum;
      }
      for (std::size_t r = 0; r < o.rows; ++r) {
        for (std::size_t c = 0; c < o.columns; ++c) {
          double sum = 0.0;
          for (std::size_t y = 0; y < o.refine; ++y) {
            for (std::size_t x = 0; x < o.refine; ++x) sum += map(r * o.refine + y, c * o.refine + x);
          }
          model.groups[j].y[(t * o.rows + r) * o.columns + c] =
              sum / static_cast<double>(o.refine * o.refine) + o.noise * normal(random);
        }
      }
    }
  }
  return result;
}

MapScores score_maps(const GridScenario& o, const PreparedGrid& grid, const GridSimulation& simulation,
                     const std::vector<double>& theta) {
  MapScores scores;
  const double fine = o.cell / static_cast<double>(o.refine);
  for (std::size_t j = 0; j < o.processes; ++j) {
    GridPredictionDesign design;
    design.process = static_cast<std::int32_t>(j);
    design.rows.width = design.columns.width = fine;
    for (std::size_t i = 0; i < o.rows * o.refine; ++i)
      design.rows.centres.push_back((static_cast<double>(i) + 0.5) * fine);
    for (std::size_t i = 0; i < o.columns * o.refine; ++i) {
      design.columns.centres.push_back((static_cast<double>(i) + 0.5) * fine);
    }
    design.covariates.assign(design.rows.centres.size() * design.columns.centres.size(), 1.0);
    design.modes_per_cell = static_cast<std::int32_t>(o.refine % 2 == 1 ? o.refine : o.refine + 1);
    for (std::size_t t = 0; t < o.steps; ++t) design.time_indices.push_back(static_cast<std::int32_t>(t));
    const auto moments = predict_grid(grid, theta, design);
    std::size_t i = 0;
    for (std::size_t t = 0; t < o.steps; ++t) {
      for (std::size_t r = 0; r < o.rows * o.refine; ++r) {
        for (std::size_t c = 0; c < o.columns * o.refine; ++c, ++i) {
          const double truth = simulation.truth[j][t](r, c);
          const double error = moments.mean[i] - truth;
          const double plain = bilinear(simulation.model.groups[j], o, t, r, c) - truth;
          scores.squares += error * error;
          scores.bilinear_squares += plain * plain;
          scores.covered += std::abs(error) <= normal_quantile * std::sqrt(moments.variance[i]) ? 1.0 : 0.0;
          scores.count += 1.0;
        }
      }
    }
  }
  return scores;
}

}  // namespace tramontana::bench

// SPDX-License-Identifier: Apache-2.0
#include "grid_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <random>

namespace tramontana::bench {
namespace {

using Point = std::array<double, 2>;
using Triangle = std::array<int, 3>;
using Row = std::map<std::int32_t, double>;

struct Mesh {
  std::vector<Point> nodes;
  std::vector<Triangle> triangles;
};

int grid_width(int num_nodes) { return static_cast<int>(std::ceil(std::sqrt(static_cast<double>(num_nodes)))); }

/** Unit cells cut along the diagonal that starts at the right: a last row of any length stays attached. */
Mesh grid_mesh(int num_nodes, std::mt19937_64& random) {
  std::uniform_real_distribution<double> jitter(-0.15, 0.15);
  const int width = grid_width(num_nodes);
  Mesh mesh;
  for (int i = 0; i < num_nodes; ++i) {
    mesh.nodes.push_back({i % width + jitter(random), i / width + jitter(random)});
  }
  for (int corner = 0; corner + width < num_nodes; ++corner) {
    if (corner % width + 1 == width) continue;
    mesh.triangles.push_back({corner, corner + 1, corner + width});
    if (corner + width + 1 < num_nodes) mesh.triangles.push_back({corner + 1, corner + width + 1, corner + width});
  }
  return mesh;
}

/** A regular mesh over the domain of grid_mesh(), and where points lie in it. */
class CoarseMesh {
 public:
  CoarseMesh(int fine_width, double coarseness)
      : width_(static_cast<int>(std::lround((fine_width - 1 + 2 * margin) / coarseness)) + 1),
        spacing_((fine_width - 1 + 2 * margin) / (width_ - 1)) {}

  [[nodiscard]] Mesh mesh() const {
    Mesh mesh;
    for (int i = 0; i < width_ * width_; ++i) {
      mesh.nodes.push_back({(i % width_) * spacing_ - margin, (i / width_) * spacing_ - margin});
    }
    for (int corner = 0; corner + width_ < width_ * width_; ++corner) {
      if (corner % width_ + 1 == width_) continue;
      mesh.triangles.push_back({corner, corner + 1, corner + width_});
      mesh.triangles.push_back({corner + 1, corner + width_ + 1, corner + width_});
    }
    return mesh;
  }

  [[nodiscard]] Row row_at(const Point& point) const {
    const double x = (point[0] + margin) / spacing_;
    const double y = (point[1] + margin) / spacing_;
    const int corner = static_cast<int>(y) * width_ + static_cast<int>(x);
    const double right = x - std::floor(x);
    const double up = y - std::floor(y);
    if (right + up <= 1.0) return {{corner, 1.0 - right - up}, {corner + 1, right}, {corner + width_, up}};
    return {{corner + 1, 1.0 - up}, {corner + width_, 1.0 - right}, {corner + width_ + 1, right + up - 1.0}};
  }

 private:
  static constexpr double margin = 0.2;
  int width_;
  double spacing_;
};

CsrMatrix csr_from_rows(const std::vector<Row>& rows, int num_columns) {
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

/** Lumped mass and stiffness of linear elements. */
void add_finite_elements(const Mesh& mesh, EngineModel& model) {
  std::vector<Row> stiffness(mesh.nodes.size());
  model.c0.assign(mesh.nodes.size(), 0.0);
  for (const auto& triangle : mesh.triangles) {
    std::array<Point, 3> edge{};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto& from = mesh.nodes[static_cast<std::size_t>(triangle[(i + 1) % 3])];
      const auto& to = mesh.nodes[static_cast<std::size_t>(triangle[(i + 2) % 3])];
      edge[i] = {to[0] - from[0], to[1] - from[1]};
    }
    const double area = 0.5 * std::abs(edge[0][0] * edge[1][1] - edge[0][1] * edge[1][0]);
    for (std::size_t i = 0; i < 3; ++i) {
      model.c0[static_cast<std::size_t>(triangle[i])] += area / 3.0;
      for (std::size_t j = 0; j < 3; ++j) {
        stiffness[static_cast<std::size_t>(triangle[i])][triangle[j]] +=
            (edge[i][0] * edge[j][0] + edge[i][1] * edge[j][1]) / (4.0 * area);
      }
    }
  }
  model.g1 = csr_from_rows(stiffness, static_cast<int>(mesh.nodes.size()));
}

TemporalMatrices temporal_matrices(int num_steps) {
  const auto count = static_cast<std::size_t>(num_steps);
  TemporalMatrices temporal{std::vector<double>(count, 1.0), std::vector<double>(count, 0.0),
                            std::vector<double>(count, 2.0), std::vector<double>(count - 1, -1.0)};
  for (const auto end : {std::size_t{0}, count - 1}) {
    temporal.m0[end] = temporal.m1[end] = 0.5;
    temporal.m2_diagonal[end] = 1.0;
  }
  return temporal;
}

double spatial_range(int num_nodes) { return 0.35 * grid_width(num_nodes); }
constexpr double temporal_range = 4.0;
constexpr double noise_sd = 0.5;

/** A smooth random function of space and time with standard deviation 1. */
class RandomField {
 public:
  RandomField(double range, int num_steps, std::mt19937_64& random) : num_steps_(num_steps) {
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    const double kappa = std::sqrt(8.0) / range;
    const double memory = std::exp(-2.0 / temporal_range);
    for (int i = 0; i < num_features; ++i) {
      // |frequency| with the density of a Matern field of smoothness 1 in the plane, w (k^2 + w^2)^-2.
      const double length = kappa * std::sqrt(1.0 / (1.0 - uniform(random)) - 1.0);
      const double angle = 2.0 * std::numbers::pi * uniform(random);
      frequencies_.push_back({length * std::cos(angle), length * std::sin(angle)});
      phases_.push_back(2.0 * std::numbers::pi * uniform(random));
      double amplitude = normal(random);
      for (int step = 0; step < num_steps; ++step) {
        amplitudes_.push_back(amplitude * std::sqrt(2.0 / num_features));
        amplitude = memory * amplitude + std::sqrt(1.0 - memory * memory) * normal(random);
      }
    }
  }

  [[nodiscard]] double operator()(const Point& point, int step) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < frequencies_.size(); ++i) {
      const double phase = frequencies_[i][0] * point[0] + frequencies_[i][1] * point[1] + phases_[i];
      sum += amplitudes_[i * static_cast<std::size_t>(num_steps_) + static_cast<std::size_t>(step)] * std::cos(phase);
    }
    return sum;
  }

 private:
  static constexpr int num_features = 200;
  int num_steps_;
  std::vector<Point> frequencies_;
  std::vector<double> phases_;
  std::vector<double> amplitudes_;
};

struct ObservedPoint {
  Row row;
  Point point{};
  double covariate = 0.0;
};

std::vector<ObservedPoint> random_points(const Mesh& mesh, int count, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::normal_distribution<double> normal;
  std::vector<ObservedPoint> points(static_cast<std::size_t>(count));
  for (auto& observed : points) {
    const auto& triangle = mesh.triangles[random() % mesh.triangles.size()];
    double first = uniform(random);
    double second = uniform(random);
    if (first + second > 1.0) first = 1.0 - first, second = 1.0 - second;
    const std::array<double, 3> weights{1.0 - first - second, first, second};
    for (std::size_t i = 0; i < 3; ++i) {
      observed.row[triangle[i]] += weights[i];
      for (std::size_t c = 0; c < 2; ++c) {
        observed.point[c] += weights[i] * mesh.nodes[static_cast<std::size_t>(triangle[i])][c];
      }
    }
    observed.covariate = normal(random);
  }
  return points;
}

}  // namespace

EngineModel grid_model(const GridModelOptions& options) {
  std::mt19937_64 random(options.seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  const auto fine = grid_mesh(options.num_nodes, random);
  const bool is_coarse = options.coarseness > 1.0;
  const CoarseMesh coarse(grid_width(options.num_nodes), is_coarse ? options.coarseness : 1.0);
  const auto mesh = is_coarse ? coarse.mesh() : fine;
  EngineModel model;
  model.num_time_steps = options.num_steps;
  model.temporal = temporal_matrices(options.num_steps);
  add_finite_elements(mesh, model);
  const int num_points = options.points_per_step > 0 ? options.points_per_step : options.num_nodes / 2;
  const auto points = random_points(fine, num_points, random);
  const double range = spatial_range(options.num_nodes);
  const int all_steps = std::max(options.num_steps, options.all_steps);
  const RandomField shared(range, all_steps, random);
  for (int process = 0; process < options.num_processes; ++process) {
    const RandomField own(range, all_steps, random);
    ObservationGroup group;
    group.process = process;
    group.num_covariates = 2;
    std::vector<Row> rows;
    for (int step = 0; step < all_steps; ++step) {
      const int day = step - options.first_step;
      for (const auto& observed : points) {
        if (!options.complete && uniform(random) < 0.1) continue;
        const double field = own(observed.point, step) + (process > 0 ? 0.5 * shared(observed.point, step) : 0.0);
        const double y = 2.0 + 0.3 * observed.covariate + field + noise_sd * normal(random);
        if (day < 0 || day >= options.num_steps) continue;
        rows.push_back(is_coarse ? coarse.row_at(observed.point) : observed.row);
        group.time_index.push_back(day);
        group.covariates.insert(group.covariates.end(), {1.0, observed.covariate});
        group.y.push_back(y);
      }
    }
    group.projector = csr_from_rows(rows, static_cast<int>(mesh.nodes.size()));
    model.observations.push_back(std::move(group));
  }
  const auto theta = grid_theta(options);
  for (const double value : theta) {
    ThetaPrior prior;
    prior.mean = value + 0.1;
    prior.precision = 0.5;
    model.priors.push_back(prior);
  }
  return model;
}

std::vector<double> grid_theta(const GridModelOptions& options) {
  const double log_range_s = std::log(spatial_range(options.num_nodes));
  const double log_range_t = std::log(temporal_range);
  const double log_noise = -2.0 * std::log(noise_sd);
  if (options.num_processes == 1) return {log_range_s, log_range_t, 0.0, log_noise};
  std::vector<double> theta;
  for (int process = 0; process < options.num_processes; ++process) {
    theta.insert(theta.end(), {log_range_s + 0.1 * process, log_range_t - 0.1 * process, log_noise + 0.1 * process});
  }
  for (int process = 0; process < options.num_processes; ++process) theta.push_back(-0.1 * process);
  for (int i = 0; i < options.num_processes * (options.num_processes - 1) / 2; ++i) theta.push_back(0.4 - 0.15 * i);
  return theta;
}

}  // namespace tramontana::bench

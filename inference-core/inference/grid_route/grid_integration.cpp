// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "grid/prepared_grid.hpp"
#include "inference/grid_route/grid_criteria.hpp"
#include "inference/grid_route/map_mixture.hpp"
#include "inference/integration/mixture.hpp"
#include "inference/integration/theta_marginals.hpp"
#include "tramontana/grid_posterior.hpp"

namespace tramontana {
namespace {

/** Flops of the maps of a design at one theta, as predict_grid() tells them. */
double flops_of_maps(const PreparedGrid& grid, const GridPredictionDesign& design, std::size_t num_steps) {
  if (num_steps == 0) return 0.0;
  const double m = static_cast<double>(grid.rows().size());
  const double cells = static_cast<double>(grid.num_cells());
  const double modes = std::pow(static_cast<double>(design.modes_per_cell), 2.0);
  const double pairs = 0.5 * static_cast<double>(design.modes_per_cell * (design.modes_per_cell + 1));
  const double steps = static_cast<double>(num_steps);
  const double rows = static_cast<double>(design.rows.centres.size());
  const double columns = static_cast<double>(design.columns.centres.size());
  const double products = 2.0 * cells * pairs * pairs * columns +
                          2.0 * rows * columns * pairs * static_cast<double>(grid.rows_axis().num_cells());
  return cells * m * m * m + steps * (cells * (2.0 * m * m * modes + 2.0 * m * modes * modes) + products);
}

/** Flops of an evaluation with gradient: the indices, and the spectra of the fields with their derivatives. */
double flops_of_evaluation(const PreparedGrid& grid) {
  const double m = static_cast<double>(grid.rows().size());
  const double cells = static_cast<double>(grid.num_cells());
  const auto& rows = grid.rows_axis();
  const auto& columns = grid.columns_axis();
  const double row_waves = static_cast<double>(rows.num_waves());
  const double column_waves = static_cast<double>(columns.num_waves());
  // A law with its derivatives at the aliases of each wave, and two products a lag and table.
  constexpr double flops_of_folding = 25.0 * 300.0;
  constexpr double num_tables = 1.0 + max_field_parameters;
  const double products = 2.0 * static_cast<double>(rows.num_cells()) * column_waves *
                          (row_waves + static_cast<double>(columns.num_cells()));
  const double spectra =
      flops_of_folding * row_waves * column_waves + num_tables * static_cast<double>(grid.num_steps()) * products;
  return cells * m * m * (m + 10.0) + static_cast<double>(grid.num_processes()) * spectra;
}

class GridIntegration {
 public:
  GridIntegration(const PreparedGrid& grid, std::span<const double> mode, std::span<const double> covariance,
                  const GridIntegrationOptions& options, const CancellationToken* cancellation)
      : grid_(grid),
        options_(options),
        cancellation_(cancellation),
        normal_(standardised(grid.backend(), mode, covariance)),
        own_(affords(OwnVariances::everywhere) ? OwnVariances::everywhere : OwnVariances::without_data),
        maps_(grid, options.predictions, own_, cancellation) {}

  IntegrationResult run() {
    const std::size_t d = normal_.free.size();
    const bool is_integrated = d > 0 && affords(own_);
    result_.strategy = is_integrated ? IntegrationStrategy::cubature : IntegrationStrategy::empirical_bayes;
    result_.expected_evaluations = {std::numeric_limits<double>::infinity(), cost_of_cubature(own_)};
    num_points_ = static_cast<int>(is_integrated ? 1 + 2 * d : 1);
    const std::vector<double> origin(d, 0.0);
    const double at_mode = evaluate_grid(grid_, normal_.mode, false, cancellation_).log_posterior;
    maps_.set_centre(normal_.mode, {});
    tell();
    if (is_integrated) {
      const double radius = std::sqrt(static_cast<double>(d));
      for (std::size_t i = 0; i < d; ++i) {
        for (const double side : {-1.0, 1.0}) {
          auto z = origin;
          z[i] = side * radius;
          add_point(std::move(z), false);
          tell();
        }
      }
    } else {
      add_point(origin, true);
    }
    finish(at_mode);
    return std::move(result_);
  }

 private:
  void tell() {
    ++result_.evaluations;
    if (options_.on_progress) options_.on_progress(std::min(result_.evaluations, num_points_), num_points_);
  }

  /** Evaluations with gradient that the cubature takes: two a point, the maps at the mode, and variances of the points.
   */
  [[nodiscard]] double cost_of_cubature(OwnVariances own) const {
    const double points = 2.0 * static_cast<double>(normal_.free.size());
    const double evaluation = flops_of_evaluation(grid_);
    double flops = 2.0 * points * evaluation;
    for (const auto& design : options_.predictions) {
      const auto own_steps = steps_with_own_variances(grid_, design, own).size();
      flops += flops_of_maps(grid_, design, design.time_indices.size());
      flops += points * flops_of_maps(grid_, design, own_steps);
    }
    return flops / evaluation;
  }

  [[nodiscard]] bool affords(OwnVariances own) const {
    return !options_.most_evaluations || cost_of_cubature(own) <= *options_.most_evaluations;
  }

  /** The mode must work; any other point whose theta cannot be computed has no weight. */
  void add_point(std::vector<double> z, bool is_mode) {
    IntegrationPoint point{normal_.at(z), std::move(z), -std::numeric_limits<double>::infinity(), 1.0};
    try {
      const auto evaluation = evaluate_grid(grid_, point.theta, false, cancellation_);
      if (!is_mode) maps_.add(1.0, point.theta);
      point.log_posterior = evaluation.log_posterior;
      const std::size_t p = evaluation.fixed_effect_means.size();
      effects_.resize(p);
      for (std::size_t f = 0; f < p; ++f) {
        effects_[f].push_back(
            {1.0, evaluation.fixed_effect_means[f], std::sqrt(evaluation.fixed_effect_covariance[f * (p + 1)])});
      }
    } catch (const NotPositiveDefinite&) {
      if (is_mode) throw;
      point.weight = 0.0;
      ++result_.failed_points;
    }
    result_.points.push_back(std::move(point));
  }

  void finish(double log_posterior_at_mode) {
    const double used = static_cast<double>(result_.points.size()) - static_cast<double>(result_.failed_points);
    if (used <= 0.0) {
      throw NotPositiveDefinite("None of the points around the mode can be computed: thetaCovariance is too wide.",
                                {{"theta", normal_.mode}});
    }
    for (auto& point : result_.points) point.weight /= used;
    result_.axis_stretch = normal_.stretch;
    result_.theta = theta_marginals(normal_, grid_.layout().names());
    for (const auto& components : effects_) result_.fixed_effects.push_back(summarise(components));
    result_.predictions = result_.strategy == IntegrationStrategy::cubature ? maps_.finish() : maps_.at_centre();
    result_.log_marginal_likelihood_gaussian =
        log_posterior_at_mode + 0.5 * static_cast<double>(normal_.free.size()) * std::log(2.0 * std::numbers::pi) +
        normal_.log_determinant;
    result_.log_marginal_likelihood = result_.log_marginal_likelihood_gaussian;
    if (!options_.criteria) return;
    auto [criteria, observations] =
        grid_criteria(grid_, normal_.mode, value_precisions(grid_, normal_.mode, cancellation_));
    result_.criteria = std::move(criteria);
    result_.observations = std::move(observations);
  }

  const PreparedGrid& grid_;
  const GridIntegrationOptions& options_;
  const CancellationToken* cancellation_;
  StretchedNormal normal_;
  OwnVariances own_;
  MapMixture maps_;
  std::vector<std::vector<NormalComponent>> effects_;
  int num_points_ = 1;
  IntegrationResult result_;
};

}  // namespace

std::vector<MixtureMoments> map_grid(const PreparedGrid& grid, std::span<const SamplingPoint> points,
                                     std::span<const GridPredictionDesign> designs,
                                     const std::function<void(int, int)>& on_progress,
                                     const CancellationToken* cancellation) {
  double total = 0.0;
  for (const auto& point : points) {
    grid.check_theta(point.theta);
    if (!(point.weight >= 0.0) || !std::isfinite(point.weight)) {
      throw InvalidModel("Weights of points must not be negative, found " + std::to_string(point.weight) + ".",
                         {{"field", std::string("points")}});
    }
    total += point.weight;
  }
  if (!(total > 0.0)) {
    throw InvalidModel("At least one point must have a positive weight, found none.",
                       {{"field", std::string("points")}});
  }
  MapMixture maps(grid, designs, OwnVariances::without_data, cancellation);
  const int in_all = static_cast<int>(points.size() + designs.size());
  int done = 0;
  const auto tell = [&] {
    ++done;
    if (on_progress) on_progress(done, in_all);
  };
  maps.set_centre(heaviest_of(points).theta, tell);
  for (const auto& point : points) {
    if (point.weight > 0.0) maps.add(point.weight, point.theta);
    tell();
  }
  return maps.finish();
}

IntegrationResult integrate_grid(const PreparedGrid& grid, std::span<const double> mode,
                                 std::span<const double> theta_covariance, const GridIntegrationOptions& options,
                                 const CancellationToken* cancellation) {
  const auto start = std::chrono::steady_clock::now();
  grid.check_theta(mode);
  if (options.most_evaluations && !(*options.most_evaluations >= 0.0)) {
    throw InvalidModel("mostEvaluations must not be negative, found " + std::to_string(*options.most_evaluations) + ".",
                       {{"field", std::string("mostEvaluations")}});
  }
  auto result = GridIntegration(grid, mode, theta_covariance, options, cancellation).run();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace tramontana

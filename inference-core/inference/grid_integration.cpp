// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "grid/prepared_grid.hpp"
#include "inference/grid_criteria.hpp"
#include "inference/mixture.hpp"
#include "inference/theta_marginals.hpp"
#include "tramontana/grid.hpp"

namespace tramontana {
namespace {

/** Mixtures of the maps of some designs. */
class MapMixture {
 public:
  MapMixture(const PreparedGrid& grid, std::span<const GridPredictionDesign> designs,
             const CancellationToken* cancellation)
      : grid_(grid), designs_(designs), cancellation_(cancellation), sums_(designs.size()) {}

  /** @param on_map  called after each design; may be empty */
  void add(double weight, std::span<const double> theta, const std::function<void()>& on_map) {
    for (std::size_t i = 0; i < designs_.size(); ++i) {
      const auto moments = predict_grid(grid_, theta, designs_[i], cancellation_);
      sums_[i].add(weight, moments.mean, moments.variance);
      if (on_map) on_map();
    }
  }

  [[nodiscard]] std::vector<MixtureMoments> finish() const {
    std::vector<MixtureMoments> result;
    for (const auto& sum : sums_) result.push_back(sum.finish());
    return result;
  }

 private:
  const PreparedGrid& grid_;
  std::span<const GridPredictionDesign> designs_;
  const CancellationToken* cancellation_;
  std::vector<MixtureSum> sums_;
};

/** Flops of the maps of a design at one theta, as predict_grid() tells them. */
double flops_of_maps(const PreparedGrid& grid, const GridPredictionDesign& design) {
  const double m = static_cast<double>(grid.rows().size());
  const double cells = static_cast<double>(grid.num_cells());
  const double modes = std::pow(static_cast<double>(design.modes_per_cell), 2.0);
  const double pairs = 0.5 * static_cast<double>(design.modes_per_cell * (design.modes_per_cell + 1));
  const double steps = static_cast<double>(design.time_indices.size());
  const double rows = static_cast<double>(design.rows.centres.size());
  const double columns = static_cast<double>(design.columns.centres.size());
  const double products = 2.0 * cells * pairs * pairs * columns +
                          2.0 * rows * columns * pairs * static_cast<double>(grid.rows_axis().num_cells());
  return cells * m * m * m + steps * (cells * (2.0 * m * m * modes + 2.0 * m * modes * modes) + products);
}

class GridIntegration {
 public:
  GridIntegration(const PreparedGrid& grid, std::span<const double> mode, std::span<const double> covariance,
                  const GridIntegrationOptions& options, const CancellationToken* cancellation)
      : grid_(grid),
        options_(options),
        cancellation_(cancellation),
        normal_(standardised(grid.backend(), mode, covariance)),
        maps_(grid, options.predictions, cancellation) {}

  IntegrationResult run() {
    const std::size_t d = normal_.free.size();
    const bool is_integrated = d > 0 && affords_cubature(d);
    result_.strategy = is_integrated ? IntegrationStrategy::cubature : IntegrationStrategy::empirical_bayes;
    result_.expected_evaluations = {std::numeric_limits<double>::infinity(),
                                    relative_cost() * 2.0 * static_cast<double>(d)};
    num_points_ = static_cast<int>(is_integrated ? 2 * d : 1);
    const std::vector<double> origin(d, 0.0);
    const double at_mode = evaluate_grid(grid_, normal_.mode, false, cancellation_).log_posterior;
    ++result_.evaluations;
    if (is_integrated) {
      const double radius = std::sqrt(static_cast<double>(d));
      for (std::size_t i = 0; i < d; ++i) {
        for (const double side : {-1.0, 1.0}) {
          auto z = origin;
          z[i] = side * radius;
          add_point(std::move(z), false);
        }
      }
    } else {
      add_point(origin, true);
    }
    finish(at_mode);
    return std::move(result_);
  }

 private:
  /** Cost of a point in evaluations with gradient. */
  [[nodiscard]] double relative_cost() const {
    const double m = static_cast<double>(grid_.rows().size());
    const double evaluation = static_cast<double>(grid_.num_cells()) * m * m * (m + 10.0);
    double flops = evaluation;
    for (const auto& design : options_.predictions) flops += flops_of_maps(grid_, design);
    return flops / evaluation;
  }

  [[nodiscard]] bool affords_cubature(std::size_t d) const {
    return !options_.most_evaluations || relative_cost() * 2.0 * static_cast<double>(d) <= *options_.most_evaluations;
  }

  /** The mode must work; any other point whose theta cannot be computed has no weight. */
  void add_point(std::vector<double> z, bool is_mode) {
    IntegrationPoint point{normal_.at(z), std::move(z), -std::numeric_limits<double>::infinity(), 1.0};
    try {
      const auto evaluation = evaluate_grid(grid_, point.theta, false, cancellation_);
      maps_.add(1.0, point.theta, {});
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
    ++result_.evaluations;
    result_.points.push_back(std::move(point));
    if (options_.on_progress) options_.on_progress(static_cast<int>(result_.points.size()), num_points_);
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
    result_.predictions = maps_.finish();
    result_.log_marginal_likelihood_gaussian =
        log_posterior_at_mode + 0.5 * static_cast<double>(normal_.free.size()) * std::log(2.0 * std::numbers::pi) +
        normal_.log_determinant;
    result_.log_marginal_likelihood = result_.log_marginal_likelihood_gaussian;
    if (!options_.criteria) return;
    auto [criteria, observations] = grid_criteria(grid_, normal_.mode, cancellation_);
    result_.criteria = std::move(criteria);
    result_.observations = std::move(observations);
  }

  const PreparedGrid& grid_;
  const GridIntegrationOptions& options_;
  const CancellationToken* cancellation_;
  StretchedNormal normal_;
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
  MapMixture maps(grid, designs, cancellation);
  const int in_all = static_cast<int>(points.size() * designs.size());
  int done = 0;
  for (const auto& point : points) {
    if (point.weight == 0.0) {
      done += static_cast<int>(designs.size());
      continue;
    }
    maps.add(point.weight, point.theta, [&] {
      ++done;
      if (on_progress) on_progress(done, in_all);
    });
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

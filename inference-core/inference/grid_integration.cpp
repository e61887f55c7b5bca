// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "grid/draw_maps.hpp"
#include "grid/posterior_draws.hpp"
#include "grid/prepared_grid.hpp"
#include "inference/grid_criteria.hpp"
#include "inference/mixture.hpp"
#include "inference/theta_marginals.hpp"
#include "tramontana/grid.hpp"

namespace tramontana {
namespace {

/**
 * Maps of some designs over a mixture of theta: means at each, the variance at one. What is left out, the mean of the
 * variances less the variance there, is of second order in what theta leaves open, and costs most of all.
 */
class MapMixture {
 public:
  MapMixture(const PreparedGrid& grid, std::span<const GridPredictionDesign> designs,
             const CancellationToken* cancellation)
      : grid_(grid), designs_(designs), cancellation_(cancellation), maps_(grid, designs), sums_(designs.size()) {}

  /** @param on_map  called after each design; may be empty */
  void set_variances(std::span<const double> theta, const std::function<void()>& on_map) {
    for (const auto& design : designs_) {
      at_centre_.push_back(predict_grid(grid_, theta, design, cancellation_));
      if (on_map) on_map();
    }
  }

  void add(double weight, std::span<const double> theta) {
    if (designs_.empty()) return;
    const auto mean = PosteriorDraws(grid_, theta, maps_.modes_per_cell(), cancellation_).mean();
    for (std::size_t i = 0; i < designs_.size(); ++i) {
      const auto map = maps_.map_of(i, mean);
      sums_[i].add(weight, map, std::vector<double>(map.size(), 0.0));
    }
  }

  /** One theta alone: its own means, too. */
  [[nodiscard]] std::vector<MixtureMoments> at_centre() const {
    std::vector<MixtureMoments> result;
    for (const auto& moments : at_centre_) result.push_back({moments.mean, roots_of(moments.variance)});
    return result;
  }

  [[nodiscard]] std::vector<MixtureMoments> finish() const {
    std::vector<MixtureMoments> result;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      auto& of = result.emplace_back(sums_[i].finish());
      for (std::size_t k = 0; k < of.sd.size(); ++k) {
        of.sd[k] = std::sqrt(of.sd[k] * of.sd[k] + std::max(0.0, at_centre_[i].variance[k]));
      }
    }
    return result;
  }

 private:
  static std::vector<double> roots_of(std::span<const double> variances) {
    std::vector<double> result;
    for (const double variance : variances) result.push_back(std::sqrt(std::max(0.0, variance)));
    return result;
  }

  const PreparedGrid& grid_;
  std::span<const GridPredictionDesign> designs_;
  const CancellationToken* cancellation_;
  DrawMaps maps_;
  std::vector<PredictionMoments> at_centre_;
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
        maps_(grid, options.predictions, cancellation) {}

  IntegrationResult run() {
    const std::size_t d = normal_.free.size();
    const bool is_integrated = d > 0 && affords_cubature(d);
    result_.strategy = is_integrated ? IntegrationStrategy::cubature : IntegrationStrategy::empirical_bayes;
    result_.expected_evaluations = {std::numeric_limits<double>::infinity(), cost_of_cubature(d)};
    num_points_ = static_cast<int>(is_integrated ? 1 + 2 * d : 1);
    const std::vector<double> origin(d, 0.0);
    const double at_mode = evaluate_grid(grid_, normal_.mode, false, cancellation_).log_posterior;
    maps_.set_variances(normal_.mode, {});
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

  /** Evaluations with gradient that the cubature takes: two a point, and the maps at the mode. */
  [[nodiscard]] double cost_of_cubature(std::size_t d) const {
    const double evaluation = flops_of_evaluation(grid_);
    double flops = 4.0 * static_cast<double>(d) * evaluation;
    for (const auto& design : options_.predictions) flops += flops_of_maps(grid_, design);
    return flops / evaluation;
  }

  [[nodiscard]] bool affords_cubature(std::size_t d) const {
    return !options_.most_evaluations || cost_of_cubature(d) <= *options_.most_evaluations;
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
  const int in_all = static_cast<int>(points.size() + designs.size());
  int done = 0;
  const auto tell = [&] {
    ++done;
    if (on_progress) on_progress(done, in_all);
  };
  const auto heaviest =
      std::max_element(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.weight < b.weight; });
  maps.set_variances(heaviest->theta, tell);
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

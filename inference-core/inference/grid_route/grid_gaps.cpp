// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "grid/draw_maps.hpp"
#include "grid/gap_filling.hpp"
#include "grid/posterior_draws.hpp"
#include "inference/grid_route/grid_criteria.hpp"
#include "inference/grid_route/map_mixture.hpp"
#include "tramontana/grid_posterior.hpp"

namespace tramontana {
namespace {

/** Any; equal data have equal results. */
constexpr std::uint64_t seed = 20251127;
/** The variance that gaps add is known to 18 %; it is a part of the whole, beside gaps alone. */
constexpr std::size_t num_fills = 64;

/** Modes a cell of the covariance that fills gaps for maps. */
std::size_t modes_of(std::span<const GridPredictionDesign> designs) {
  std::size_t modes = 1;
  for (const auto& design : designs)
    modes = std::max(modes, static_cast<std::size_t>(std::max(1, design.modes_per_cell)));
  return modes;
}

/** Adds to the standard deviations of maps what their means vary by over fills of the gaps, at one theta. */
void widen(std::vector<MixtureMoments>& maps, const std::vector<GridModel>& fills, const Backend& backend,
           std::span<const double> theta, std::span<const GridPredictionDesign> designs,
           const CancellationToken* cancellation) {
  std::vector<std::vector<double>> squares;
  for (const auto& map : maps) squares.emplace_back(map.mean.size(), 0.0);
  std::vector<std::vector<double>> centres;
  for (std::size_t fill = 0; fill < fills.size(); ++fill) {
    const auto grid = prepare_grid(fills[fill], backend);
    const DrawMaps draw_maps(*grid, designs);
    const auto mean = PosteriorDraws(*grid, theta, draw_maps.modes_per_cell(), cancellation).mean();
    for (std::size_t i = 0; i < designs.size(); ++i) {
      const auto map = draw_maps.map_of(i, mean);
      if (fill == 0) {
        centres.push_back(map);
        continue;
      }
      for (std::size_t k = 0; k < map.size(); ++k) {
        // Around the mean of all fills, which the first one is.
        squares[i][k] += (map[k] - centres[i][k]) * (map[k] - centres[i][k]) / static_cast<double>(fills.size() - 1);
      }
    }
  }
  for (std::size_t i = 0; i < maps.size(); ++i) {
    for (std::size_t k = 0; k < maps[i].sd.size(); ++k) {
      maps[i].sd[k] = std::sqrt(maps[i].sd[k] * maps[i].sd[k] + squares[i][k]);
    }
  }
}

}  // namespace

GridFitResult fit_grid(GridModel model, const Backend& backend, const FitOptions& options,
                       const OptimizerState* resume_from,
                       const std::function<void(const OptimizerState&)>& on_iteration,
                       const CancellationToken* cancellation) {
  const GapFilling gaps(std::move(model), backend);
  if (!gaps.has_gaps()) return fit_grid(*gaps.start(), options, resume_from, on_iteration, cancellation);
  const auto filled_at = [&](std::span<const double> theta) {
    return prepare_grid(std::move(gaps.fill(theta, GapCovariance::expected, 1, 1, seed, cancellation)[1]), backend);
  };
  auto refined = options;
  if (resume_from == nullptr) {
    auto rough = options;
    rough.compute_hessian = false;
    const auto silent = [](const OptimizerState&) {};
    const auto first = fit_grid(*gaps.start(), rough, nullptr, silent, cancellation);
    rough.initial_theta = first.state.theta;
    const auto second = fit_grid(*filled_at(first.state.theta), rough, nullptr, silent, cancellation);
    refined.initial_theta = second.state.theta;
  } else {
    refined.initial_theta = resume_from->theta;
  }
  return fit_grid(*filled_at(refined.initial_theta), refined, resume_from, on_iteration, cancellation);
}

IntegrationResult integrate_grid(GridModel model, const Backend& backend, std::span<const double> mode,
                                 std::span<const double> theta_covariance, const GridIntegrationOptions& options,
                                 const CancellationToken* cancellation) {
  const GapFilling gaps(std::move(model), backend);
  if (!gaps.has_gaps()) return integrate_grid(*gaps.start(), mode, theta_covariance, options, cancellation);
  gaps.start()->check_theta(mode);
  const auto fills =
      gaps.fill(mode, GapCovariance::modes, modes_of(options.predictions), num_fills, seed, cancellation);
  auto without_criteria = options;
  without_criteria.criteria = false;
  auto result =
      integrate_grid(*prepare_grid(fills[0], backend), mode, theta_covariance, without_criteria, cancellation);
  widen(result.predictions, fills, backend, mode, options.predictions, cancellation);
  // From the likelihood of the data that the maps were made of to that of the values that are there.
  const auto likelihood_of = [&](GridModel filled) {
    return evaluate_grid(*prepare_grid(std::move(filled), backend), mode, false, cancellation).log_marginal_likelihood;
  };
  const double excess =
      likelihood_of(fills[0]) -
      likelihood_of(std::move(gaps.fill(mode, GapCovariance::expected, 1, 0, seed, cancellation)[0])) +
      gaps.log_density_of_gaps(mode, cancellation);
  result.log_marginal_likelihood -= excess;
  result.log_marginal_likelihood_gaussian -= excess;
  if (!options.criteria) return result;
  auto [criteria, observations] =
      grid_criteria(*gaps.start(), mode, gaps.observed_precisions(mode, num_fills, seed, cancellation));
  result.criteria = std::move(criteria);
  result.observations = std::move(observations);
  return result;
}

std::vector<MixtureMoments> map_grid(GridModel model, const Backend& backend, std::span<const SamplingPoint> points,
                                     std::span<const GridPredictionDesign> designs,
                                     const std::function<void(int, int)>& on_progress,
                                     const CancellationToken* cancellation) {
  const GapFilling gaps(std::move(model), backend);
  if (!gaps.has_gaps()) return map_grid(*gaps.start(), points, designs, on_progress, cancellation);
  const auto& theta = heaviest_of(points).theta;
  gaps.start()->check_theta(theta);
  const auto fills = gaps.fill(theta, GapCovariance::modes, modes_of(designs), num_fills, seed, cancellation);
  auto maps = map_grid(*prepare_grid(fills[0], backend), points, designs, on_progress, cancellation);
  widen(maps, fills, backend, theta, designs, cancellation);
  return maps;
}

GridSampleSummary summarise_samples(GridModel model, const Backend& backend, std::span<const SamplingPoint> points,
                                    const GridSampleRequest& request, const CancellationToken* cancellation) {
  const GapFilling gaps(std::move(model), backend);
  if (!gaps.has_gaps()) return summarise_samples(*gaps.start(), points, request, cancellation);
  const auto& theta = heaviest_of(points).theta;
  gaps.start()->check_theta(theta);
  const std::size_t num_used = std::clamp<std::size_t>(request.num_samples, 1, num_fills);
  const auto fills = gaps.fill(theta, GapCovariance::modes, modes_of(request.designs), num_used, seed, cancellation);
  GridSampleSummary result;
  std::size_t done = 0;
  for (std::size_t fill = 0; fill < num_used; ++fill) {
    auto own = request;
    own.num_samples = request.num_samples * (fill + 1) / num_used - request.num_samples * fill / num_used;
    own.seed = request.seed * num_fills + fill;
    own.on_progress = [&](int of_fill, int) {
      if (request.on_progress) {
        request.on_progress(static_cast<int>(done) + of_fill, static_cast<int>(request.num_samples));
      }
    };
    const auto part = summarise_samples(*prepare_grid(fills[1 + fill], backend), points, own, cancellation);
    result.runs.resize(part.runs.size());
    result.areas.resize(part.areas.size());
    for (std::size_t i = 0; i < part.runs.size(); ++i) {
      result.runs[i].resize(part.runs[i].size(), 0.0);
      const double share = static_cast<double>(own.num_samples) / static_cast<double>(request.num_samples);
      for (std::size_t k = 0; k < part.runs[i].size(); ++k) result.runs[i][k] += share * part.runs[i][k];
    }
    for (std::size_t i = 0; i < part.areas.size(); ++i) {
      result.areas[i].insert(result.areas[i].end(), part.areas[i].begin(), part.areas[i].end());
    }
    done += own.num_samples;
  }
  return result;
}

}  // namespace tramontana

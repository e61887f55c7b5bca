// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "grid/draw_maps.hpp"
#include "grid/posterior_draws.hpp"
#include "grid/prepared_grid.hpp"
#include "inference/prediction/share_out.hpp"
#include "kernels/random_normal.hpp"
#include "tramontana/grid_posterior.hpp"

namespace tramontana {
namespace {

/** Draws and their maps that are held at a time. */
constexpr std::size_t bytes_at_once = std::size_t{256} << 20;
constexpr std::size_t most_draws_at_once = 16;

class GridSampling {
 public:
  GridSampling(const PreparedGrid& grid, std::span<const GridPredictionDesign> designs, std::uint64_t seed,
               const CancellationToken* cancellation)
      : grid_(grid), designs_(designs), seed_(seed), cancellation_(cancellation), maps_(grid, designs) {}

  void run(std::span<const SamplingPoint> points, std::span<const std::int32_t> point_of, const TakeGridSample& take) {
    for (std::size_t first = 0; first < point_of.size();) {
      std::size_t end = first;
      while (end < point_of.size() && point_of[end] == point_of[first]) ++end;
      const auto& theta = points[static_cast<std::size_t>(point_of[first])].theta;
      const PosteriorDraws draws(grid_, theta, maps_.modes_per_cell(), cancellation_);
      const ModeCovariance covariance(grid_, theta, maps_.modes_per_cell());
      beyond_.clear();
      for (const auto& design : designs_) {
        beyond_.push_back(std::sqrt(covariance.variance_beyond(static_cast<std::size_t>(design.process),
                                                               design.rows.width, design.columns.width)));
      }
      while (first < end) {
        const std::size_t count = std::min(draws_at_once(), end - first);
        hand_over(draws.draw(seed_, first, count), first, take);
        first += count;
      }
    }
  }

 private:
  [[nodiscard]] std::size_t draws_at_once() const {
    std::size_t numbers =
        grid_.num_cells() * maps_.modes_per_cell() * maps_.modes_per_cell() * grid_.num_processes() * grid_.num_steps();
    for (std::size_t i = 0; i < designs_.size(); ++i) numbers += maps_.size_of(i);
    return std::clamp<std::size_t>(bytes_at_once / (numbers * sizeof(double)), 1, most_draws_at_once);
  }

  void hand_over(const std::vector<PosteriorDraw>& draws, std::size_t first, const TakeGridSample& take) const {
    std::vector<std::vector<double>> maps(draws.size() * designs_.size());
    std::vector<std::function<void()>> tasks;
    for (std::size_t s = 0; s < draws.size(); ++s) {
      for (std::size_t i = 0; i < designs_.size(); ++i) {
        tasks.emplace_back([&, s, i] { maps[s * designs_.size() + i] = map_of(draws[s], i, first + s); });
      }
    }
    grid_.backend().tasks().run_independent(tasks, 1e9);
    for (std::size_t s = 0; s < draws.size(); ++s) {
      for (std::size_t i = 0; i < designs_.size(); ++i) take(first + s, i, maps[s * designs_.size() + i]);
    }
  }

  [[nodiscard]] std::vector<double> map_of(const PosteriorDraw& draw, std::size_t design, std::size_t sample) const {
    if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
    auto map = maps_.map_of(design, draw);
    // Another stream than any that the draws take.
    auto normal = RandomNormal::stream(~seed_, sample * designs_.size() + design);
    for (double& value : map) value += beyond_[design] * normal();
    return map;
  }

  const PreparedGrid& grid_;
  std::span<const GridPredictionDesign> designs_;
  std::uint64_t seed_;
  const CancellationToken* cancellation_;
  DrawMaps maps_;
  std::vector<double> beyond_;  ///< standard deviation of the modes beyond, of each design
};

}  // namespace

void sample_grid(const PreparedGrid& grid, std::span<const SamplingPoint> points,
                 std::span<const GridPredictionDesign> designs, std::size_t num_samples, std::uint64_t seed,
                 const TakeGridSample& take, const CancellationToken* cancellation) {
  for (const auto& point : points) grid.check_theta(point.theta);
  if (points.empty()) throw InvalidModel("points must be one or more, found none.", {{"field", std::string("points")}});
  const auto point_of = share_out(points, num_samples, seed);
  GridSampling(grid, designs, seed, cancellation).run(points, point_of, take);
}

}  // namespace tramontana

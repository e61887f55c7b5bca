// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "grid/mode_maps.hpp"
#include "grid/posterior_draws.hpp"
#include "grid/prediction_design.hpp"
#include "grid/prepared_grid.hpp"
#include "inference/share_out.hpp"
#include "kernels/random_normal.hpp"
#include "tramontana/grid.hpp"

namespace tramontana {
namespace {

/** Draws and their maps that are held at a time. */
constexpr std::size_t bytes_at_once = std::size_t{256} << 20;
constexpr std::size_t most_draws_at_once = 16;

class GridSampling {
 public:
  GridSampling(const PreparedGrid& grid, std::span<const GridPredictionDesign> designs, std::uint64_t seed,
               const CancellationToken* cancellation)
      : grid_(grid), designs_(designs), seed_(seed), cancellation_(cancellation) {
    for (const auto& design : designs) {
      check_design(grid, design);
      modes_per_cell_ = std::max(modes_per_cell_, static_cast<std::size_t>(design.modes_per_cell));
    }
    for (const auto& design : designs) {
      maps_.emplace_back(grid.rows_axis(), grid.columns_axis(), modes_per_cell_, design.rows, design.columns,
                         grid.backend());
    }
  }

  void run(std::span<const SamplingPoint> points, std::span<const std::int32_t> point_of, const TakeGridSample& take) {
    for (std::size_t first = 0; first < point_of.size();) {
      std::size_t end = first;
      while (end < point_of.size() && point_of[end] == point_of[first]) ++end;
      const auto& theta = points[static_cast<std::size_t>(point_of[first])].theta;
      const PosteriorDraws draws(grid_, theta, modes_per_cell_, cancellation_);
      const ModeCovariance covariance(grid_, theta, modes_per_cell_);
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
        grid_.num_cells() * modes_per_cell_ * modes_per_cell_ * grid_.num_processes() * grid_.num_steps();
    for (const auto& design : designs_) numbers += size_of(design);
    return std::clamp<std::size_t>(bytes_at_once / (numbers * sizeof(double)), 1, most_draws_at_once);
  }

  [[nodiscard]] static std::size_t size_of(const GridPredictionDesign& design) {
    return design.time_indices.size() * design.rows.centres.size() * design.columns.centres.size();
  }

  void hand_over(const std::vector<PosteriorDraw>& draws, std::size_t first, const TakeGridSample& take) const {
    std::vector<std::vector<double>> maps(draws.size() * designs_.size());
    std::vector<std::function<void()>> tasks;
    for (std::size_t s = 0; s < draws.size(); ++s) {
      for (std::size_t i = 0; i < designs_.size(); ++i) {
        tasks.emplace_back([&, s, i] { maps[s * designs_.size() + i] = map_of(draws[s], i, first + s); });
      }
    }
    grid_.backend().run_independent(tasks, 1e9);
    for (std::size_t s = 0; s < draws.size(); ++s) {
      for (std::size_t i = 0; i < designs_.size(); ++i) take(first + s, i, maps[s * designs_.size() + i]);
    }
  }

  [[nodiscard]] std::vector<double> map_of(const PosteriorDraw& draw, std::size_t index, std::size_t sample) const {
    if (cancellation_ != nullptr) cancellation_->throw_if_cancelled();
    const auto& design = designs_[index];
    const auto process = static_cast<std::size_t>(design.process);
    const std::size_t height = design.rows.centres.size();
    const std::size_t width = design.columns.centres.size();
    const std::size_t first_effect = grid_.first_effect_of(process);
    // Another stream than any that the draws take.
    auto normal = RandomNormal::stream(~seed_, sample * designs_.size() + index);
    std::vector<double> result;
    result.reserve(size_of(design));
    for (const auto step : design.time_indices) {
      DenseMatrix map = DenseMatrix::zero(height, width);
      maps_[index].add_linear(0, draw.coefficients[process * grid_.num_steps() + static_cast<std::size_t>(step)],
                              map.view());
      for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t x = 0; x < width; ++x) {
          double value = map(y, x) + beyond_[index] * normal();
          for (std::size_t c = 0; c < grid_.num_effects_of(process); ++c) {
            value += draw.effects[first_effect + c] * design.covariates[(c * height + y) * width + x];
          }
          result.push_back(value);
        }
      }
    }
    return result;
  }

  const PreparedGrid& grid_;
  std::span<const GridPredictionDesign> designs_;
  std::uint64_t seed_;
  const CancellationToken* cancellation_;
  std::size_t modes_per_cell_ = 1;
  std::vector<ModeMaps> maps_;
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

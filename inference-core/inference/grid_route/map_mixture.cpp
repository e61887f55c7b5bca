// SPDX-License-Identifier: Apache-2.0
#include "inference/grid_route/map_mixture.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "grid/posterior_draws.hpp"

namespace tramontana {

const SamplingPoint& heaviest_of(std::span<const SamplingPoint> points) {
  if (points.empty()) throw InvalidModel("points must be one or more, found none.", {{"field", std::string("points")}});
  return *std::max_element(points.begin(), points.end(),
                           [](const auto& a, const auto& b) { return a.weight < b.weight; });
}

std::vector<std::size_t> steps_with_own_variances(const PreparedGrid& grid, const GridPredictionDesign& design,
                                                  OwnVariances own) {
  std::vector<std::size_t> positions;
  for (std::size_t t = 0; t < design.time_indices.size(); ++t) {
    const bool has_data = std::any_of(grid.rows().begin(), grid.rows().end(), [&](const GridRow& row) {
      return row.process == static_cast<std::size_t>(design.process) &&
             row.step == static_cast<std::size_t>(design.time_indices[t]);
    });
    if (own == OwnVariances::everywhere || !has_data) positions.push_back(t);
  }
  return positions;
}

MapMixture::MapMixture(const PreparedGrid& grid, std::span<const GridPredictionDesign> designs, OwnVariances own,
                       const CancellationToken* cancellation)
    : grid_(grid), designs_(designs), cancellation_(cancellation), maps_(grid, designs), sums_(designs.size()) {
  for (const auto& design : designs) own_steps_.push_back(steps_with_own_variances(grid, design, own));
}

void MapMixture::set_centre(std::span<const double> theta, const std::function<void()>& on_map) {
  for (const auto& design : designs_) {
    at_centre_.push_back(predict_grid(grid_, theta, design, cancellation_));
    if (on_map) on_map();
  }
}

void MapMixture::add(double weight, std::span<const double> theta) {
  if (designs_.empty()) return;
  const auto mean = PosteriorDraws(grid_, theta, maps_.modes_per_cell(), cancellation_).mean();
  for (std::size_t i = 0; i < designs_.size(); ++i) {
    auto map = maps_.map_of(i, mean);
    auto variance = at_centre_[i].variance;
    if (!own_steps_[i].empty()) take_own(i, theta, map, variance);
    sums_[i].add(weight, map, variance);
  }
}

std::vector<MixtureMoments> MapMixture::at_centre() const {
  std::vector<MixtureMoments> result;
  for (const auto& moments : at_centre_) {
    auto& of = result.emplace_back(MixtureMoments{moments.mean, {}});
    for (const double variance : moments.variance) of.sd.push_back(std::sqrt(std::max(0.0, variance)));
  }
  return result;
}

std::vector<MixtureMoments> MapMixture::finish() const {
  std::vector<MixtureMoments> result;
  for (const auto& sum : sums_) result.push_back(sum.finish());
  return result;
}

void MapMixture::take_own(std::size_t index, std::span<const double> theta, std::vector<double>& map,
                          std::vector<double>& variance) const {
  auto design = designs_[index];
  design.time_indices.clear();
  for (const auto t : own_steps_[index]) design.time_indices.push_back(designs_[index].time_indices[t]);
  const auto own = predict_grid(grid_, theta, design, cancellation_);
  const std::size_t size = design.rows.centres.size() * design.columns.centres.size();
  for (std::size_t k = 0; k < own_steps_[index].size(); ++k) {
    const auto from = static_cast<std::ptrdiff_t>(k * size);
    const auto to = static_cast<std::ptrdiff_t>(own_steps_[index][k] * size);
    std::copy_n(own.mean.begin() + from, size, map.begin() + to);
    std::copy_n(own.variance.begin() + from, size, variance.begin() + to);
  }
}

}  // namespace tramontana

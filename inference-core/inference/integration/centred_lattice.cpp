// SPDX-License-Identifier: Apache-2.0
#include "inference/integration/centred_lattice.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace tramontana {
namespace {

/** Evaluations beyond this multiple of those of a normal density: its tails have no end that is worth finding. */
constexpr double most_of_expected = 6.0;
/** Of all evaluations of a normal density those within the limit are about one in this many. */
constexpr double shell_share = 2.2;

/** In standard deviations. Few dimensions cost little: there the marginals are spared a coarse lattice. */
double spacing_for(std::size_t dimensions) { return dimensions == 1 ? 1.0 : dimensions == 2 ? 1.5 : 2.0; }

/** Beyond it lie less than 2e-4 of a normal density in up to six dimensions, and little of wider tails in few. */
double largest_fall_for(std::size_t dimensions) { return std::max(9.0, 6.0 + static_cast<double>(dimensions)); }

double cell_volume_of(std::size_t dimensions) {
  return 0.5 * std::pow(spacing_for(dimensions), static_cast<double>(dimensions));
}

double distance(const CentredLattice::Key& key) {
  double square = 0.0;
  for (const auto coordinate : key) square += static_cast<double>(coordinate) * coordinate;
  return std::sqrt(square);
}

}  // namespace

double expected_lattice_evaluations(std::size_t num_dimensions) {
  const double half = 0.5 * static_cast<double>(num_dimensions);
  const double ball =
      std::pow(2.0 * std::numbers::pi * largest_fall_for(num_dimensions), half) / std::tgamma(half + 1.0);
  return std::max(1.0, shell_share * ball / cell_volume_of(num_dimensions));
}

CentredLattice::CentredLattice(std::size_t num_dimensions, double most_evaluations)
    : dimensions_(num_dimensions),
      most_evaluations_(std::min(most_evaluations, most_of_expected * expected_lattice_evaluations(num_dimensions))),
      spacing_(spacing_for(num_dimensions)),
      largest_fall_(largest_fall_for(num_dimensions)) {
  for (std::size_t i = 0; i < dimensions_; ++i) {
    for (const std::int32_t step : {-2, 2}) {
      Key key(dimensions_, 0);
      key[i] = step;
      neighbours_.push_back(std::move(key));
    }
  }
  for (std::size_t corner = 0; corner < (std::size_t{1} << dimensions_); ++corner) {
    Key key(dimensions_);
    for (std::size_t i = 0; i < dimensions_; ++i) key[i] = (corner >> i) % 2 == 0 ? -1 : 1;
    neighbours_.push_back(std::move(key));
  }
  candidates_.emplace(Key(dimensions_, 0), 0.0);
}

std::vector<double> CentredLattice::at(const Key& key) const {
  std::vector<double> point;
  for (const auto coordinate : key) point.push_back(0.5 * spacing_ * coordinate);
  return point;
}

double CentredLattice::cell_volume() const { return cell_volume_of(dimensions_); }

std::vector<CentredLattice::Key> CentredLattice::next_generation() {
  std::vector<std::pair<double, Key>> order;
  for (auto& [key, fall] : std::exchange(candidates_, {})) order.emplace_back(fall, key);
  std::sort(order.begin(), order.end());
  const double room = most_evaluations_ - static_cast<double>(num_evaluated_);
  if (static_cast<double>(order.size()) > room) order.resize(static_cast<std::size_t>(std::max(0.0, room)));
  std::vector<Key> generation;
  for (auto& [fall, key] : order) {
    seen_.insert(key);
    generation.push_back(std::move(key));
  }
  num_evaluated_ += generation.size();
  return generation;
}

void CentredLattice::found(const Key& key, double fall) {
  const double from = distance(key);
  for (const auto& step : neighbours_) {
    Key next = key;
    for (std::size_t i = 0; i < dimensions_; ++i) next[i] += step[i];
    const double to = distance(next);
    if (!(to > from) || seen_.contains(next)) continue;
    const double expected = from == 0.0 ? 0.0 : fall * to / from;
    if (!(expected < largest_fall_)) continue;
    const auto [place, is_new] = candidates_.emplace(std::move(next), expected);
    if (!is_new) place->second = std::min(place->second, expected);
  }
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/integration/marginal_density.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace tramontana {
namespace {

constexpr int cells_per_sd = 75;
/** Every fifth cell within five standard deviations is reported. */
constexpr std::size_t report_every = 5;
constexpr std::size_t report_width_sd = 5;
constexpr double reported_probabilities[] = {0.025, 0.5, 0.975};

std::vector<double> centres_of(const CellMasses& cells) {
  std::vector<double> centres;
  for (std::size_t j = 0; j < cells.mass.size(); ++j) centres.push_back(cells.centre(j));
  return centres;
}

}  // namespace

double CellMasses::total() const { return std::accumulate(mass.begin(), mass.end(), 0.0); }

double CellMasses::mean() const { return moments_of(centres_of(*this), mass).mean; }

double CellMasses::sd() const { return moments_of(centres_of(*this), mass).sd; }

double CellMasses::quantile(double probability) const {
  const double wanted = probability * total();
  double below = 0.0;
  for (std::size_t j = 0; j < mass.size(); ++j) {
    if (below + mass[j] >= wanted) {
      const double share = mass[j] > 0.0 ? (wanted - below) / mass[j] : 0.5;
      return first + (static_cast<double>(j) - 0.5 + share) * step;
    }
    below += mass[j];
  }
  return centre(mass.size() - 1);
}

void CellMasses::fit_to(double wanted_mean, double wanted_sd) {
  const auto found = moments_of(centres_of(*this), mass);
  const double stretch = wanted_sd / found.sd;
  first = wanted_mean + (first - found.mean) * stretch;
  step *= stretch;
}

CellMasses point_mass(double centre, double sd) {
  constexpr auto half = static_cast<std::size_t>(cells_per_sd * half_width_sd);
  CellMasses cells{centre - half_width_sd * sd, sd / cells_per_sd, std::vector<double>(2 * half + 1, 0.0)};
  cells.mass[half] = 1.0;
  return cells;
}

void convolve(CellMasses& cells, const SumTerm& term) {
  const int reach_below = static_cast<int>(std::ceil(term.reach_below / cells.step)) + 1;
  const int reach_above = static_cast<int>(std::ceil(term.reach_above / cells.step)) + 1;
  std::vector<double> kernel;
  double before = term.cumulative((-reach_below - 0.5) * cells.step);
  for (int j = -reach_below; j <= reach_above; ++j) {
    const double after = term.cumulative((j + 0.5) * cells.step);
    kernel.push_back(after - before);
    before = after;
  }
  const int size = static_cast<int>(cells.mass.size());
  std::vector<double> result(cells.mass.size(), 0.0);
  for (int i = 0; i < size; ++i) {
    const double mass = cells.mass[static_cast<std::size_t>(i)];
    if (mass == 0.0) continue;
    const int first = std::max(-reach_below, -i);
    const int last = std::min(reach_above, size - 1 - i);
    for (int j = first; j <= last; ++j) {
      result[static_cast<std::size_t>(i + j)] += mass * kernel[static_cast<std::size_t>(j + reach_below)];
    }
  }
  cells.mass = std::move(result);
}

NaturalScale natural_scale(const std::string& name) {
  if (name.starts_with("log_")) {
    const auto exponential = [](double theta) { return std::exp(theta); };
    return {name.substr(4), exponential, exponential};
  }
  if (name.starts_with("rho_internal")) {
    return {"rho" + name.substr(12), [](double theta) { return std::tanh(0.5 * theta); },
            [](double theta) {
              const double rho = std::tanh(0.5 * theta);
              return 0.5 * (1.0 - rho * rho);
            }};
  }
  return {name, [](double theta) { return theta; }, [](double) { return 1.0; }};
}

Moments moments_of(std::span<const double> values, std::span<const double> weights) {
  double total = 0.0;
  double shift = 0.0;
  double square = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(weights[i] > 0.0)) continue;
    total += weights[i];
    shift += weights[i] * (values[i] - values[0]);
  }
  shift /= total;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(weights[i] > 0.0)) continue;
    const double deviation = values[i] - values[0] - shift;
    square += weights[i] * deviation * deviation;
  }
  return {values[0] + shift, std::sqrt(square / total)};
}

ThetaMarginal describe(const std::string& name, const CellMasses& cells, const Moments& internal,
                       const Moments& natural) {
  const auto scale = natural_scale(name);
  ThetaMarginal marginal{name, scale.name, {}, {}};
  marginal.internal.mean = internal.mean;
  marginal.internal.sd = internal.sd;
  marginal.natural.mean = natural.mean;
  marginal.natural.sd = natural.sd;
  for (std::size_t i = 0; i < 3; ++i) {
    const double theta = cells.quantile(reported_probabilities[i]);
    marginal.internal.quantiles[i] = theta;
    marginal.natural.quantiles[i] = scale.value(theta);
  }
  const double unit = cells.total() * cells.step;
  const std::size_t middle = cells.mass.size() / 2;
  for (std::size_t j = middle - report_width_sd * cells_per_sd; j <= middle + report_width_sd * cells_per_sd;
       j += report_every) {
    const double density = cells.mass[j] / unit;
    marginal.internal.grid.push_back(cells.centre(j));
    marginal.internal.density.push_back(density);
    marginal.natural.grid.push_back(scale.value(cells.centre(j)));
    marginal.natural.density.push_back(density / scale.slope(cells.centre(j)));
  }
  return marginal;
}

ThetaMarginal fixed_marginal(const std::string& name, double value) {
  const auto scale = natural_scale(name);
  ThetaMarginal marginal{name, scale.name, {}, {}};
  marginal.internal.mean = value;
  marginal.internal.quantiles.fill(value);
  marginal.natural.mean = scale.value(value);
  marginal.natural.quantiles.fill(marginal.natural.mean);
  return marginal;
}

}  // namespace tramontana

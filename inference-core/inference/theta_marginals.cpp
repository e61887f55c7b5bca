// SPDX-License-Identifier: Apache-2.0
#include "inference/theta_marginals.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>
#include <utility>

#include "kernels/backend.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

constexpr int cells_per_sd = 75;
constexpr int half_width_sd = 8;
/** Every fifth cell within five standard deviations is reported. */
constexpr int report_every = 5;
constexpr int report_width_sd = 5;

/** Scales of a split normal with its mode at zero. */
struct SplitNormal {
  double below = 0.0;
  double above = 0.0;

  [[nodiscard]] double mean() const { return (above - below) * std::sqrt(2.0 / std::numbers::pi); }
  [[nodiscard]] double variance() const {
    const double difference = above - below;
    return difference * difference * (1.0 - 2.0 / std::numbers::pi) + above * below;
  }
  [[nodiscard]] double cumulative(double x) const {
    const double scale = x < 0.0 ? below : above;
    const double lower_mass = below / (below + above);
    if (scale == 0.0) return x < 0.0 ? 0.0 : 1.0;
    const double tail = std::erfc(std::abs(x) / (scale * std::numbers::sqrt2));
    return x < 0.0 ? lower_mass * tail : 1.0 - (1.0 - lower_mass) * tail;
  }
};

/** Probabilities of the cells around step * (j - half), j = 0..2 half. */
struct Lattice {
  double step = 0.0;
  int half = 0;
  std::vector<double> mass;
};

void convolve(Lattice& lattice, const SplitNormal& term) {
  // Beyond nine scales lies less than 1e-18.
  const int reach_below = static_cast<int>(std::ceil(9.0 * term.below / lattice.step)) + 1;
  const int reach_above = static_cast<int>(std::ceil(9.0 * term.above / lattice.step)) + 1;
  std::vector<double> kernel;
  for (int j = -reach_below; j <= reach_above; ++j) {
    kernel.push_back(term.cumulative((j + 0.5) * lattice.step) - term.cumulative((j - 0.5) * lattice.step));
  }
  const int size = 2 * lattice.half + 1;
  std::vector<double> result(static_cast<std::size_t>(size), 0.0);
  for (int i = 0; i < size; ++i) {
    const double mass = lattice.mass[static_cast<std::size_t>(i)];
    if (mass == 0.0) continue;
    const int first = std::max(-reach_below, -i);
    const int last = std::min(reach_above, size - 1 - i);
    for (int j = first; j <= last; ++j) {
      result[static_cast<std::size_t>(i + j)] += mass * kernel[static_cast<std::size_t>(j + reach_below)];
    }
  }
  lattice.mass = std::move(result);
}

/** Point below which the lattice holds the probability p, cells being uniform inside. */
double quantile(const Lattice& lattice, double probability) {
  double below = 0.0;
  for (std::size_t j = 0; j < lattice.mass.size(); ++j) {
    if (below + lattice.mass[j] >= probability) {
      const double share = lattice.mass[j] > 0.0 ? (probability - below) / lattice.mass[j] : 0.5;
      return (static_cast<double>(j) - lattice.half - 0.5 + share) * lattice.step;
    }
    below += lattice.mass[j];
  }
  return lattice.half * lattice.step;
}

/** The quantity behind a component of theta. */
struct NaturalScale {
  std::string name;
  std::function<double(double)> value;
  std::function<double(double)> slope;
};

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

MarginalDensity fixed_value(double value) {
  MarginalDensity result;
  result.mean = value;
  result.quantiles.fill(value);
  return result;
}

constexpr double reported_probabilities[] = {0.025, 0.5, 0.975};
/** Logarithms of quantities: exp of more is no number. */
constexpr double largest_theta = 700.0;

/** Finite, symmetric but for rounding, and such that exp(theta) is a number wherever the marginals are computed. */
void check_theta_covariance(std::span<const double> mode, std::span<const double> covariance) {
  const std::size_t d = mode.size();
  const auto fail = [](const std::string& expectation, std::size_t row, std::size_t column, double value) {
    throw InvalidModel(
        "thetaCovariance must " + expectation + ", found " + std::to_string(value) + " at row " + std::to_string(row) +
            ", column " + std::to_string(column) + ".",
        {{"row", static_cast<std::int64_t>(row)}, {"column", static_cast<std::int64_t>(column)}, {"value", value}});
  };
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      if (!std::isfinite(covariance[i * d + j])) fail("be finite", i, j, covariance[i * d + j]);
    }
  }
  for (std::size_t i = 0; i < d; ++i) {
    const double variance = covariance[i * d + i];
    if (variance < 0.0) fail("have no negative variance", i, i, variance);
    if (std::abs(mode[i]) + half_width_sd * std::sqrt(variance) > largest_theta && variance > 0.0) {
      fail("leave theta within " + std::to_string(static_cast<int>(largest_theta)) + " at " +
               std::to_string(half_width_sd) + " standard deviations from its mode " + std::to_string(mode[i]),
           i, i, variance);
    }
    for (std::size_t j = 0; j < i; ++j) {
      const double scale = std::sqrt(std::abs(variance * covariance[j * d + j]));
      // Rounding of an inverse; anything larger is another matrix.
      if (std::abs(covariance[i * d + j] - covariance[j * d + i]) > 1e-6 * scale) {
        fail("be symmetric", i, j, covariance[i * d + j]);
      }
    }
  }
}

}  // namespace

std::vector<double> StretchedNormal::at(std::span<const double> z) const {
  std::vector<double> theta = mode;
  for (std::size_t i = 0; i < free.size(); ++i) {
    for (std::size_t j = 0; j < free.size(); ++j) theta[free[i]] += axes(i, j) * z[j];
  }
  return theta;
}

StretchedNormal standardised(const Backend& backend, std::span<const double> mode, std::span<const double> covariance) {
  const std::size_t d = mode.size();
  if (covariance.size() != d * d) {
    throw InvalidModel("thetaCovariance must have " + std::to_string(d * d) + " entries, found " +
                       std::to_string(covariance.size()) + ".");
  }
  check_theta_covariance(mode, covariance);
  StretchedNormal result{{mode.begin(), mode.end()}, {}, {}, 0.0, {}};
  for (std::size_t i = 0; i < d; ++i) {
    if (covariance[i * d + i] != 0.0) result.free.push_back(i);
  }
  const std::size_t n = result.free.size();
  result.stretch.assign(n, {1.0, 1.0});
  if (n == 0) return result;
  DenseMatrix vectors(n, n);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      vectors(i, j) =
          0.5 * (covariance[result.free[i] * d + result.free[j]] + covariance[result.free[j] * d + result.free[i]]);
    }
  }
  const auto values = backend.symmetric_eigen(vectors.view());
  for (std::size_t j = 0; j < n; ++j) {
    if (!(values[j] > 0.0) || !std::isfinite(values[j])) {
      throw InvalidModel("thetaCovariance must be positive definite over its free components, found the eigenvalue " +
                             std::to_string(values[j]) + ".",
                         {{"eigenvalue", values[j]}});
    }
    // Signs of eigenvectors are arbitrary: the largest entry is made positive, so that results do not depend on them.
    std::size_t largest = 0;
    for (std::size_t i = 1; i < n; ++i) {
      if (std::abs(vectors(i, j)) > std::abs(vectors(largest, j)) * (1.0 + 1e-9)) largest = i;
    }
    const double scale = (vectors(largest, j) < 0.0 ? -1.0 : 1.0) * std::sqrt(values[j]);
    for (std::size_t i = 0; i < n; ++i) vectors(i, j) *= scale;
    result.log_determinant += 0.5 * std::log(values[j]);
  }
  result.axes = std::move(vectors);
  return result;
}

std::vector<ThetaMarginal> theta_marginals(const StretchedNormal& posterior, const std::vector<std::string>& names) {
  std::vector<ThetaMarginal> result;
  for (std::size_t k = 0; k < names.size(); ++k) {
    const auto scale = natural_scale(names[k]);
    const double mode = posterior.mode[k];
    const auto found = std::find(posterior.free.begin(), posterior.free.end(), k);
    if (found == posterior.free.end()) {
      result.push_back({names[k], scale.name, fixed_value(mode), fixed_value(scale.value(mode))});
      continue;
    }
    const auto row = static_cast<std::size_t>(found - posterior.free.begin());
    std::vector<SplitNormal> terms;
    double mean = 0.0;
    double variance = 0.0;
    for (std::size_t j = 0; j < posterior.free.size(); ++j) {
      const double size = std::abs(posterior.axes(row, j));
      const bool turned = posterior.axes(row, j) < 0.0;
      terms.push_back({size * posterior.stretch[j][turned ? 1 : 0], size * posterior.stretch[j][turned ? 0 : 1]});
      mean += terms.back().mean();
      variance += terms.back().variance();
    }
    const double sd = std::sqrt(variance);
    Lattice lattice{sd / cells_per_sd, cells_per_sd * half_width_sd, {}};
    lattice.mass.assign(static_cast<std::size_t>(2 * lattice.half + 1), 0.0);
    lattice.mass[static_cast<std::size_t>(lattice.half)] = 1.0;
    for (const auto& term : terms) {
      if (term.below + term.above > 0.0) convolve(lattice, term);
    }

    ThetaMarginal marginal{names[k], scale.name, {}, {}};
    marginal.internal.mean = mode + mean;
    marginal.internal.sd = sd;
    double total = 0.0;
    double first = 0.0;
    double second = 0.0;
    const double centre = scale.value(mode);
    for (std::size_t j = 0; j < lattice.mass.size(); ++j) {
      const double theta = mode + (static_cast<double>(j) - lattice.half) * lattice.step;
      const double value = scale.value(theta) - centre;
      total += lattice.mass[j];
      first += lattice.mass[j] * value;
      second += lattice.mass[j] * value * value;
    }
    first /= total;
    marginal.natural.mean = centre + first;
    marginal.natural.sd = std::sqrt(std::max(0.0, second / total - first * first));
    for (std::size_t i = 0; i < 3; ++i) {
      const double theta = mode + quantile(lattice, reported_probabilities[i] * total);
      marginal.internal.quantiles[i] = theta;
      marginal.natural.quantiles[i] = scale.value(theta);
    }
    for (int j = -report_width_sd * cells_per_sd; j <= report_width_sd * cells_per_sd; j += report_every) {
      const double theta = mode + j * lattice.step;
      const double density = lattice.mass[static_cast<std::size_t>(lattice.half + j)] / (total * lattice.step);
      marginal.internal.grid.push_back(theta);
      marginal.internal.density.push_back(density);
      marginal.natural.grid.push_back(scale.value(theta));
      marginal.natural.density.push_back(density / scale.slope(theta));
    }
    result.push_back(std::move(marginal));
  }
  return result;
}

}  // namespace tramontana

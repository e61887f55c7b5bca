// SPDX-License-Identifier: Apache-2.0
#include "inference/integration/theta_marginals.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>
#include <utility>

#include "inference/integration/marginal_density.hpp"
#include "kernels/backend.hpp"
#include "model/likelihoods/special_functions.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

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
      if (scale == 0.0 && (covariance[i * d + j] != 0.0 || covariance[j * d + i] != 0.0)) {
        fail("have no covariance with a component of zero variance", i, j, covariance[i * d + j]);
      }
      // Rounding of an inverse; anything larger is another matrix.
      if (std::abs(covariance[i * d + j] - covariance[j * d + i]) > 1e-6 * scale) {
        fail("be symmetric", i, j, covariance[i * d + j]);
      }
    }
  }
}

/** Beyond nine scales lies less than 1e-18. */
constexpr double reach = 9.0;
/** Of the smoothing of a lattice's weights, in standard deviations; its points lie up to one of them apart. */
constexpr double smoothing_sd = 0.6;
/** Of the sharpening that takes the smoothing back: quantiles are then within .04 standard deviations of their own. */
constexpr int sharpening_steps = 16;

/** Scales of theta[free[row]] along an axis, for z < 0 and z > 0 as seen from that component. */
std::array<double, 2> scales_of(const StretchedNormal& posterior, std::size_t row, std::size_t axis) {
  const double size = std::abs(posterior.axes(row, axis));
  const auto [below, above] = posterior.stretch[axis];
  if (posterior.axes(row, axis) < 0.0) return {size * above, size * below};
  return {size * below, size * above};
}

Moments natural_moments(const std::string& name, const CellMasses& cells) {
  const auto scale = natural_scale(name);
  std::vector<double> values;
  for (std::size_t j = 0; j < cells.mass.size(); ++j) values.push_back(scale.value(cells.centre(j)));
  return moments_of(values, cells.mass);
}

/** Sum of weights over sum of others, both smoothed by a normal density around x; far out, that of the nearest. */
double smoothed_ratio(double x, double width, std::span<const double> positions, std::span<const double> weights,
                      std::span<const double> others) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const double position : positions) nearest = std::min(nearest, std::abs(position - x));
  double above = 0.0;
  double below = 0.0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const double distance = std::abs(positions[i] - x);
    const double kernel = std::exp(-0.5 * (distance - nearest) * (distance + nearest) / (width * width));
    above += kernel * weights[i];
    below += kernel * others[i];
  }
  return above / below;
}

/** The cells' probabilities, smoothed by a normal density. */
std::vector<double> smoothed(const CellMasses& cells, double width) {
  constexpr double kernel_reach = 6.0;
  const int half = static_cast<int>(kernel_reach * width / cells.step);
  std::vector<double> kernel;
  for (int j = -half; j <= half; ++j) kernel.push_back(std::exp(-0.5 * std::pow(j * cells.step / width, 2)));
  const double total = std::accumulate(kernel.begin(), kernel.end(), 0.0);
  const int size = static_cast<int>(cells.mass.size());
  std::vector<double> result(cells.mass.size(), 0.0);
  for (int i = 0; i < size; ++i) {
    for (int j = std::max(-half, -i); j <= std::min(half, size - 1 - i); ++j) {
      result[static_cast<std::size_t>(i)] +=
          cells.mass[static_cast<std::size_t>(i + j)] * kernel[static_cast<std::size_t>(j + half)] / total;
    }
  }
  return result;
}

/** Makes of the cells a density that is `smooth` once smoothed, positive everywhere [Richardson1972]. */
void sharpen(CellMasses& cells, const std::vector<double>& smooth, double width) {
  for (int step = 0; step < sharpening_steps; ++step) {
    const auto found = smoothed(cells, width);
    for (std::size_t j = 0; j < smooth.size(); ++j) cells.mass[j] *= found[j] > 0.0 ? smooth[j] / found[j] : 0.0;
  }
}

/** Marginals of all components: those that vary by `describe_free`(component, row of the axes). */
std::vector<ThetaMarginal> each_component(const StretchedNormal& posterior, const std::vector<std::string>& names,
                                          const std::function<ThetaMarginal(std::size_t, std::size_t)>& describe_free) {
  std::vector<ThetaMarginal> result;
  for (std::size_t k = 0; k < names.size(); ++k) {
    const auto found = std::find(posterior.free.begin(), posterior.free.end(), k);
    if (found == posterior.free.end()) {
      result.push_back(fixed_marginal(names[k], posterior.mode[k]));
    } else {
      result.push_back(describe_free(k, static_cast<std::size_t>(found - posterior.free.begin())));
    }
  }
  return result;
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
  const auto values = backend.dense().symmetric_eigen(vectors.view());
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
  return each_component(posterior, names, [&](std::size_t k, std::size_t row) {
    std::vector<SplitNormal> terms;
    double mean = 0.0;
    double variance = 0.0;
    for (std::size_t j = 0; j < posterior.free.size(); ++j) {
      const auto [below, above] = scales_of(posterior, row, j);
      terms.push_back({below, above});
      mean += terms.back().mean();
      variance += terms.back().variance();
    }
    auto cells = point_mass(posterior.mode[k], std::sqrt(variance));
    for (const auto& term : terms) {
      if (term.below + term.above == 0.0) continue;
      convolve(cells, {[&term](double x) { return term.cumulative(x); }, reach * term.below, reach * term.above});
    }
    return describe(names[k], cells, {posterior.mode[k] + mean, std::sqrt(variance)}, natural_moments(names[k], cells));
  });
}

double SkewedAxis::value(double u) const {
  // log cosh u without its overflow.
  const double size = std::abs(u);
  const double log_cosh = size + std::log1p(std::exp(-2.0 * size)) - std::numbers::ln2;
  return 0.5 * (below + above) * u + 0.5 * (above - below) * log_cosh;
}

double SkewedAxis::slope(double u) const { return 0.5 * (below + above) + 0.5 * (above - below) * std::tanh(u); }

double SkewedAxis::cumulative(double x) const {
  // value() is convex or concave, so that Newton's method from the far side of the root does not leave it.
  double u = x / std::min(below, above);
  if ((above - below) * u < 0.0) u = x / std::max(below, above);
  for (int iteration = 0; iteration < 100; ++iteration) {
    const double step = (value(u) - x) / slope(u);
    u -= step;
    if (std::abs(step) < 1e-13 * (1.0 + std::abs(u))) break;
  }
  return normal_cumulative(u);
}

std::vector<ThetaMarginal> lattice_marginals(const StretchedNormal& posterior, const std::vector<LatticeWeight>& points,
                                             const std::vector<std::string>& names) {
  std::vector<double> weights;
  std::vector<double> normal_weights;
  for (const auto& point : points) {
    weights.push_back(point.weight);
    normal_weights.push_back(std::exp(-0.5 * std::inner_product(point.u.begin(), point.u.end(), point.u.begin(), 0.0)));
  }
  return each_component(posterior, names, [&](std::size_t k, std::size_t row) {
    std::vector<double> thetas;
    std::vector<double> values;
    const auto scale = natural_scale(names[k]);
    for (const auto& point : points) {
      thetas.push_back(point.theta[k]);
      values.push_back(scale.value(point.theta[k]));
    }
    const auto moments = moments_of(thetas, weights);
    double variance = 0.0;
    for (std::size_t j = 0; j < posterior.free.size(); ++j) {
      const auto [below, above] = scales_of(posterior, row, j);
      variance += SplitNormal{below, above}.variance();
    }
    const double sd = std::sqrt(std::max(variance, moments.sd * moments.sd));
    auto cells = point_mass(posterior.mode[k], sd);
    for (std::size_t j = 0; j < posterior.free.size(); ++j) {
      const auto [below, above] = scales_of(posterior, row, j);
      if (below == 0.0) continue;
      const SkewedAxis axis{below, above};
      convolve(cells, {[&axis](double x) { return axis.cumulative(x); }, reach * below, reach * above});
    }
    const double width = smoothing_sd * sd;
    auto smooth = smoothed(cells, width);
    for (std::size_t j = 0; j < smooth.size(); ++j) {
      smooth[j] *= smoothed_ratio(cells.centre(j), width, thetas, weights, normal_weights);
    }
    sharpen(cells, smooth, width);
    cells.fit_to(moments.mean, moments.sd);
    return describe(names[k], cells, moments, moments_of(values, weights));
  });
}

}  // namespace tramontana

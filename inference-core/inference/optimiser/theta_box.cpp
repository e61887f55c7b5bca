// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/theta_box.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

#include "model/prior_validation.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

/** Half-widths of the box around the scale of the data. */
constexpr double log_sd_width = 15.0;
constexpr double log_precision_width = 2.0 * log_sd_width;
constexpr double other_width = 20.0;
constexpr double largest_weight = 1e4;

bool starts_with(const std::string& name, const char* prefix) { return name.rfind(prefix, 0) == 0; }

/** Standard deviation of the observations of a process on the scale of its predictor; 1 where they do not tell. */
double data_scale(const PreparedModel& model, std::size_t process) {
  double sum = 0.0;
  double squares = 0.0;
  double count = 0.0;
  for (std::size_t group = 0; group < model.observations().size(); ++group) {
    const auto& observed = model.observations()[group];
    const auto likelihood = model.model().observations[group].likelihood;
    const bool is_real = likelihood == Likelihood::gaussian || likelihood == Likelihood::student_t;
    if (observed.process() != process || !is_real) continue;
    const auto design = observed.design();
    for (std::size_t i = 0; i < observed.num_observations(); ++i) {
      sum += design(i, 0);
      squares += design(i, 0) * design(i, 0);
      count += 1.0;
    }
  }
  const double variance = count > 0.0 ? squares / count - (sum / count) * (sum / count) : 0.0;
  return variance > 0.0 && std::isfinite(variance) ? std::sqrt(variance) : 1.0;
}

}  // namespace

double mean_edge_length(std::span<const double> lumped_mass) {
  const double area = std::accumulate(lumped_mass.begin(), lumped_mass.end(), 0.0);
  // A node of the triangular lattice of edge h owns the area sqrt(3)/2 h^2.
  return std::sqrt(2.0 / std::sqrt(3.0) * area / static_cast<double>(lumped_mass.size()));
}

ThetaBounds bounds_for(const ThetaLayout& layout, std::span<const ThetaPrior> priors, const ThetaScales& scales) {
  ThetaBounds bounds{std::vector<double>(layout.size(), -other_width), std::vector<double>(layout.size(), other_width)};
  const auto set = [&](std::size_t index, double lower, double upper) {
    bounds.lower[index] = lower;
    bounds.upper[index] = upper;
  };
  for (std::size_t process = 0; process < layout.num_processes(); ++process) {
    const double log_scale = std::log(scales.sd[process]);
    for (const auto index : layout.field(process)) {
      const auto& name = layout.names()[index];
      if (starts_with(name, "log_range_s")) {
        set(index, std::log(0.1 * scales.shortest_length), std::log(1000.0 * scales.longest_length));
      } else if (starts_with(name, "log_range_t")) {
        set(index, std::log(0.1 * scales.shortest_step), std::log(1000.0 * scales.whole_period));
      } else if (starts_with(name, "log_sigma")) {
        set(index, log_scale - log_sd_width, log_scale + log_sd_width);
      }
    }
  }
  for (std::size_t group = 0; group < scales.group_process.size(); ++group) {
    const double log_precision = -2.0 * std::log(scales.sd[scales.group_process[group]]);
    for (const auto index : layout.likelihood(group)) {
      if (!starts_with(layout.names()[index], "log_noise_precision")) continue;
      set(index, log_precision - log_precision_width, log_precision + log_precision_width);
    }
  }
  for (const auto& entry : layout.lambdas()) {
    const double limit = largest_weight * scales.sd[entry.target] / scales.sd[entry.source];
    set(entry.theta_index, -limit, limit);
  }
  for (std::size_t i = 0; i < layout.size(); ++i) {
    if (priors[i].kind == ThetaPrior::Kind::fixed) set(i, priors[i].mean, priors[i].mean);
  }
  return bounds;
}

ThetaBounds default_theta_bounds(const PreparedModel& model) {
  const auto& layout = model.layout();
  const auto& mass = model.model().c0;
  ThetaScales scales;
  scales.shortest_length = std::sqrt(*std::min_element(mass.begin(), mass.end()));
  scales.longest_length = std::sqrt(std::accumulate(mass.begin(), mass.end(), 0.0));
  // An exact diffusion has steps of length 1.
  const auto steps = model.model().temporal ? model.model().temporal->m0 : std::vector<double>(model.num_steps(), 1.0);
  scales.shortest_step = *std::min_element(steps.begin(), steps.end());
  scales.whole_period = std::accumulate(steps.begin(), steps.end(), 0.0);
  for (std::size_t process = 0; process < layout.num_processes(); ++process) {
    scales.sd.push_back(data_scale(model, process));
  }
  for (std::size_t group = 0; group < model.observations().size(); ++group) {
    scales.group_process.push_back(model.observations()[group].process());
  }
  auto bounds = bounds_for(layout, model.model().priors, scales);
  for (std::size_t effect = 0; effect < model.border().effects().size(); ++effect) {
    const std::size_t index = layout.random_effect(effect);
    if (model.model().priors[index].kind == ThetaPrior::Kind::fixed) continue;
    const double log_precision = -2.0 * std::log(scales.sd[model.border().effects()[effect].process]);
    bounds.lower[index] = log_precision - log_precision_width;
    bounds.upper[index] = log_precision + log_precision_width;
  }
  return bounds;
}

namespace {

/** The default bounds of a model whose ranges its mesh resolves. */
ThetaBounds resolved_bounds(const PreparedModel& model, const FitOptions& options) {
  if (const auto error = unresolved_range(model, options)) throw *error;
  return default_theta_bounds(model);
}

}  // namespace

std::optional<InvalidModel> unresolved_range(const PreparedModel& model, const FitOptions& options) {
  const auto& names = model.layout().names();
  const auto& mass = model.model().c0;
  const auto& priors = model.model().priors;
  if (auto error = unresolved_prior(priors, names, mass)) return error;
  // A fixed component starts at its value, whatever the options say.
  auto start = options.initial_theta;
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (priors[i].kind == ThetaPrior::Kind::fixed) start[i] = priors[i].mean;
  }
  if (auto error = unresolved_value("initialTheta", start, names, mass)) return error;
  return unresolved_value("upperBounds", options.upper_bounds, names, mass);
}

ThetaBox::ThetaBox(const PreparedModel& model, const FitOptions& options)
    : ThetaBox(model.layout().names(), resolved_bounds(model, options), options) {}

ThetaBox::ThetaBox(std::vector<std::string> names, ThetaBounds defaults, const FitOptions& options)
    : names_(std::move(names)), bounds_(std::move(defaults)), start_(options.initial_theta) {
  for (std::size_t i = 0; i < start_.size(); ++i) {
    if (is_fixed(i)) {
      start_[i] = bounds_.lower[i];
      continue;
    }
    if (options.lower_bounds.empty()) {
      bounds_.lower[i] = std::min(bounds_.lower[i], start_[i]);
    } else {
      bounds_.lower[i] = options.lower_bounds[i];
    }
    if (options.upper_bounds.empty()) {
      bounds_.upper[i] = std::max(bounds_.upper[i], start_[i]);
    } else {
      bounds_.upper[i] = options.upper_bounds[i];
    }
    if (start_[i] < bounds_.lower[i] || start_[i] > bounds_.upper[i]) {
      throw InvalidModel("initialTheta[" + std::to_string(i) + "] (" + names_[i] + ") must lie within its bounds " +
                             std::to_string(bounds_.lower[i]) + " to " + std::to_string(bounds_.upper[i]) + ", found " +
                             std::to_string(start_[i]) + ".",
                         {{"index", static_cast<std::int64_t>(i)}, {"name", names_[i]}});
    }
  }
}

void ThetaBox::clamp(std::span<double> theta) const {
  for (std::size_t i = 0; i < theta.size(); ++i) theta[i] = std::clamp(theta[i], lower()[i], upper()[i]);
}

std::vector<bool> ThetaBox::held(std::span<const double> theta, std::span<const double> gradient) const {
  std::vector<bool> result(theta.size());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    result[i] =
        is_fixed(i) || (theta[i] <= lower()[i] && gradient[i] > 0.0) || (theta[i] >= upper()[i] && gradient[i] < 0.0);
  }
  return result;
}

double ThetaBox::free_norm(std::span<const double> theta, std::span<const double> gradient) const {
  const auto is_held = held(theta, gradient);
  double norm = 0.0;
  for (std::size_t i = 0; i < theta.size(); ++i) {
    if (!is_held[i]) norm = std::max(norm, std::abs(gradient[i]));
  }
  return norm;
}

std::vector<std::string> ThetaBox::active(std::span<const double> theta, std::span<const double> gradient) const {
  std::vector<std::string> result;
  const auto is_held = held(theta, gradient);
  for (std::size_t i = 0; i < theta.size(); ++i) {
    if (!is_held[i] || is_fixed(i)) continue;
    char value[32];
    std::snprintf(value, sizeof(value), "%.4g", theta[i]);
    result.push_back(names_[i] + (theta[i] <= lower()[i] ? " (lower bound " : " (upper bound ") + value + ")");
  }
  return result;
}

}  // namespace tramontana

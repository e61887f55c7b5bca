// SPDX-License-Identifier: Apache-2.0
#include "model/prior_validation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/number_text.hpp"

namespace tramontana {
namespace {

using Kind = ThetaPrior::Kind;

bool starts_with(const std::string& name, const char* prefix) { return name.rfind(prefix, 0) == 0; }

bool is_spatial_range(const std::string& name) { return starts_with(name, "log_range_s"); }

bool is_log_precision(const std::string& name) {
  return starts_with(name, "log_noise_precision") || starts_with(name, "log_gamma_precision") ||
         starts_with(name, "log_effect_precision");
}

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::spatial_range:
      return "spatial-range";
    case Kind::temporal_range:
      return "temporal-range";
    case Kind::sigma:
      return "sigma";
    case Kind::noise_sd:
      return "noise-sd";
    case Kind::noise_precision_compat:
      return "noise-precision-compat";
    case Kind::log_gamma:
      return "log-gamma";
    case Kind::fixed:
      return "fixed";
    case Kind::gaussian:
      break;
  }
  return "gaussian";
}

/** The kinds that can be meant for a component, besides Gaussian and fixed. */
std::vector<Kind> kinds_for(const std::string& name) {
  if (is_spatial_range(name)) return {Kind::spatial_range};
  if (starts_with(name, "log_range_t")) return {Kind::temporal_range};
  if (starts_with(name, "log_sigma")) return {Kind::sigma};
  if (is_log_precision(name)) return {Kind::noise_sd, Kind::noise_precision_compat, Kind::log_gamma};
  return {};
}

/** A prior that has this share of its mass below the shortest edge is meant in other units, or for another mesh. */
constexpr double unresolved_mass = 0.95;
constexpr double standard_normal_quantile = 1.6448536269514722;

/** The quantile of unresolved_mass of a prior of log range; infinite for a flat one. */
double high_quantile(const ThetaPrior& prior) {
  switch (prior.kind) {
    case Kind::fixed:
      return prior.mean;
    case Kind::gaussian:
      return prior.precision > 0.0 ? prior.mean + standard_normal_quantile / std::sqrt(prior.precision)
                                   : std::numeric_limits<double>::infinity();
    case Kind::spatial_range:
      // P(range < r) = exp(-lambda / r).
      return std::log(prior.lambda / -std::log(unresolved_mass));
    default:
      return std::numeric_limits<double>::infinity();
  }
}

InvalidModel unresolved(const std::string& what, const std::string& name, double edge, const std::string& found,
                        double range, std::size_t index) {
  return InvalidModel(
      what + " (" + name + ") must not keep the spatial range below the shortest edge of the mesh, " +
          number_text(edge) + ", on which no such field is seen, found " + found + ".",
      {{"field", what}, {"index", static_cast<std::int64_t>(index)}, {"name", name}, {"edge", edge}, {"range", range}});
}

}  // namespace

void validate_priors(std::span<const ThetaPrior> priors, const std::vector<std::string>& theta_names) {
  if (priors.size() != theta_names.size()) {
    throw InvalidModel("The model needs one prior for each of the " + std::to_string(theta_names.size()) +
                           " components of theta, found " + std::to_string(priors.size()) + ".",
                       {{"expected", static_cast<std::int64_t>(theta_names.size())},
                        {"found", static_cast<std::int64_t>(priors.size())}});
  }
  for (std::size_t i = 0; i < priors.size(); ++i) {
    const Kind kind = priors[i].kind;
    if (kind == Kind::gaussian || kind == Kind::fixed) continue;
    const auto allowed = kinds_for(theta_names[i]);
    if (std::find(allowed.begin(), allowed.end(), kind) != allowed.end()) continue;
    std::string expected = "'gaussian'";
    for (const Kind one : allowed) expected += ", '" + std::string(kind_name(one)) + "'";
    const auto field = "priors[" + std::to_string(i) + "]";
    throw InvalidModel(field + " (" + theta_names[i] + ") must be of the kind " + expected + " or 'fixed', found '" +
                           kind_name(kind) + "'.",
                       {{"field", field},
                        {"index", static_cast<std::int64_t>(i)},
                        {"name", theta_names[i]},
                        {"kind", std::string(kind_name(kind))}});
  }
}

double shortest_edge(std::span<const double> lumped_mass) {
  // A node of the triangular lattice of edge h owns the area sqrt(3)/2 h^2.
  return std::sqrt(2.0 / std::sqrt(3.0) * *std::min_element(lumped_mass.begin(), lumped_mass.end()));
}

std::optional<InvalidModel> unresolved_prior(std::span<const ThetaPrior> priors,
                                             const std::vector<std::string>& theta_names,
                                             std::span<const double> lumped_mass) {
  const double edge = shortest_edge(lumped_mass);
  for (std::size_t i = 0; i < priors.size(); ++i) {
    if (!is_spatial_range(theta_names[i])) continue;
    const double range = std::exp(high_quantile(priors[i]));
    if (!(range < edge)) continue;
    const auto found =
        (priors[i].kind == Kind::fixed ? "it fixed at " : "95 % of its mass below ") + number_text(range);
    return unresolved("priors[" + std::to_string(i) + "]", theta_names[i], edge, found, range, i);
  }
  return std::nullopt;
}

std::optional<InvalidModel> unresolved_value(const std::string& what, std::span<const double> values,
                                             const std::vector<std::string>& theta_names,
                                             std::span<const double> lumped_mass) {
  const double edge = shortest_edge(lumped_mass);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!is_spatial_range(theta_names[i]) || !(std::exp(values[i]) < edge)) continue;
    return unresolved(what + "[" + std::to_string(i) + "]", theta_names[i], edge,
                      number_text(values[i]) + ", a range of " + number_text(std::exp(values[i])), std::exp(values[i]),
                      i);
  }
  return std::nullopt;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "support/likelihood_cases.hpp"

#include <algorithm>
#include <cmath>
#include <random>

namespace tramontana::testing {

const std::vector<LikelihoodCase>& likelihood_cases() {
  static const std::vector<LikelihoodCase> cases{
      {"poisson", {.seed = 21}, Likelihood::poisson},
      {"poisson_spatial", {.kind = ModelKind::spatial, .observations_per_step = 25, .seed = 22}, Likelihood::poisson},
      {"poisson_bivariate_gaps", {.num_processes = 2, .num_steps = 6, .gaps = true, .seed = 23}, Likelihood::poisson},
      {"binomial", {.num_steps = 4, .seed = 24}, Likelihood::binomial},
      {"gamma", {.weights = true, .seed = 25}, Likelihood::gamma},
      {"student_t", {.weights = true, .seed = 26}, Likelihood::student_t},
      {"gaussian_two_groups", {.weights = true, .seed = 27}, Likelihood::gaussian, true},
      {"gaussian_effects", {.num_processes = 2, .grid = 3, .seed = 28}, Likelihood::gaussian, false, true},
      {"poisson_with_gaussian_group_and_effects", {.seed = 29}, Likelihood::poisson, true, true},
  };
  return cases;
}

std::pair<EngineModel, std::vector<double>> likelihood_model(const LikelihoodCase& item) {
  auto model = random_model(item.options);
  auto theta = random_theta(item.options);
  std::mt19937_64 random(item.options.seed + 7);
  const auto second = model.observations[0];
  for (auto& group : model.observations) {
    group.likelihood = item.likelihood;
    for (auto& y : group.y) {
      if (item.likelihood == Likelihood::poisson) y = std::round(std::exp(0.8 * y));
      if (item.likelihood == Likelihood::gamma) y = std::exp(y);
      if (item.likelihood == Likelihood::student_t && random() % 9 == 0) y += 6.0;
      if (item.likelihood == Likelihood::binomial) {
        group.exposure.push_back(1.0 + static_cast<double>(random() % 7));
        y = std::min(group.exposure.back(), std::max(0.0, std::round(1.5 * y)));
      }
      if (item.likelihood == Likelihood::poisson)
        group.exposure.push_back(0.5 + 0.1 * static_cast<double>(random() % 9));
    }
  }
  // One process has its likelihood parameters at the end, several have theirs before the standard deviations.
  const std::size_t field = item.options.kind == ModelKind::spatial ? 1 : 2;
  const auto n_v = static_cast<std::size_t>(item.options.num_processes);
  const bool counts = item.likelihood == Likelihood::poisson || item.likelihood == Likelihood::binomial;
  for (std::size_t k = n_v; k-- > 0;) {
    const auto at = theta.begin() + static_cast<std::ptrdiff_t>(n_v == 1 ? field + 1 : k * (field + 1) + field);
    if (counts) theta.erase(at);
    if (item.likelihood == Likelihood::student_t) theta.insert(at + 1, 0.7);
  }
  if (item.second_group) {
    model.observations.push_back(second);
    std::normal_distribution<double> normal;
    for (auto& y : model.observations.back().y) y += 0.6 * normal(random);
    theta.push_back(0.4);
  }
  if (item.effects) {
    model.random_effects = {{0, 4, RandomEffect::Structure::iid}, {0, 5, RandomEffect::Structure::cyclic_walk}};
    for (auto& group : model.observations) {
      if (group.process != 0) continue;
      group.effect_levels.resize(2);
      for (std::size_t i = 0; i < group.y.size(); ++i) {
        group.effect_levels[0].push_back(static_cast<std::int32_t>(random() % 5) - 1);
        group.effect_levels[1].push_back(static_cast<std::int32_t>(random() % 5));
      }
    }
    theta.push_back(0.9);
    theta.push_back(1.3);
  }
  model.priors.assign(theta.size(), ThetaPrior{});
  for (auto& prior : model.priors) prior.mean = 0.3, prior.precision = 0.5;
  return {std::move(model), std::move(theta)};
}

}  // namespace tramontana::testing

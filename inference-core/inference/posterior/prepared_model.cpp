// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/prepared_model.hpp"

#include <algorithm>
#include <cmath>

#include "inference/posterior/collinear_columns.hpp"
#include "inference/posterior/validation.hpp"
#include "model/prior_validation.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

EngineModel with_spectral_basis(EngineModel model, const Backend& backend) {
  validate_model(model);
  validate_independent_columns(model);
  if (!model.spectral_basis) model.spectral_basis = compute_spectral_basis(model.c0, model.g1, backend);
  validate_spectral_basis(model.c0, model.g1, *model.spectral_basis);
  return model;
}

std::size_t count_processes(const EngineModel& model) {
  std::int32_t last = 0;
  for (const auto& group : model.observations) last = std::max(last, group.process);
  return static_cast<std::size_t>(last) + 1;
}

std::vector<GroupParameters> group_parameters(const EngineModel& model) {
  std::vector<GroupParameters> groups;
  for (const auto& group : model.observations) {
    groups.push_back({static_cast<std::size_t>(group.process), likelihood_model(group.likelihood).parameter_names()});
  }
  return groups;
}

}  // namespace

PreparedModel::PreparedModel(EngineModel model, const Backend& backend)
    : model_(with_spectral_basis(std::move(model), backend)),
      backend_(backend),
      latent_(make_latent_model(model_)),
      layout_(latent_->parameter_names(), count_processes(model_), group_parameters(model_),
              model_.random_effects.size()),
      basis_(model_.c0, *model_.spectral_basis, backend),
      border_(model_, count_processes(model_)) {
  validate_priors(model_.priors, layout_.names());
  for (const auto& group : model_.observations) {
    const auto& columns = border_.columns(static_cast<std::size_t>(group.process));
    observations_.add(std::make_shared<const ObservationModel>(group, columns, num_steps(), basis_, backend_));
    is_gaussian_ = is_gaussian_ && group.likelihood == Likelihood::gaussian;
  }
}

std::size_t PreparedModel::num_observations() const {
  std::size_t count = 0;
  for (std::size_t group = 0; group < observations_.size(); ++group) count += observations_[group].num_observations();
  return count;
}

void PreparedModel::check_theta(std::span<const double> theta) const { layout_.check(theta); }

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/prepared_model.hpp"

#include <cmath>

#include "inference/validation.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

EngineModel with_spectral_basis(EngineModel model, const Backend& backend) {
  validate_model(model);
  if (!model.spectral_basis) model.spectral_basis = compute_spectral_basis(model.c0, model.g1, backend);
  return model;
}

}  // namespace

PreparedModel::PreparedModel(EngineModel model, const Backend& backend)
    : model_(with_spectral_basis(std::move(model), backend)),
      backend_(backend),
      latent_(make_latent_model(model_)),
      layout_(latent_->parameter_names(), model_.observations.size()),
      basis_(model_.c0, *model_.spectral_basis) {
  if (model_.priors.size() != layout_.size()) {
    throw InvalidModel("The model needs one prior for each of the " + std::to_string(layout_.size()) +
                           " components of theta, found " + std::to_string(model_.priors.size()) + ".",
                       {{"expected", static_cast<std::int64_t>(layout_.size())},
                        {"found", static_cast<std::int64_t>(model_.priors.size())}});
  }
  for (const auto& group : model_.observations) {
    fixed_effect_offsets_.push_back(num_fixed_effects_);
    num_fixed_effects_ += static_cast<std::size_t>(group.num_covariates);
    observations_.emplace_back(group, num_steps(), basis_, backend_);
  }
}

std::size_t PreparedModel::num_observations() const {
  std::size_t count = 0;
  for (const auto& observations : observations_) count += observations.num_observations();
  return count;
}

void PreparedModel::check_theta(std::span<const double> theta) const {
  if (theta.size() != layout_.size()) {
    throw InvalidModel(
        "theta must have " + std::to_string(layout_.size()) + " components, found " + std::to_string(theta.size()) +
            ".",
        {{"expected", static_cast<std::int64_t>(layout_.size())}, {"found", static_cast<std::int64_t>(theta.size())}});
  }
  for (std::size_t i = 0; i < theta.size(); ++i) {
    if (!std::isfinite(theta[i])) {
      throw InvalidModel("theta[" + std::to_string(i) + "] (" + layout_.names()[i] + ") must be finite, found " +
                             std::to_string(theta[i]) + ".",
                         {{"index", static_cast<std::int64_t>(i)}, {"name", layout_.names()[i]}});
    }
  }
}

}  // namespace tramontana

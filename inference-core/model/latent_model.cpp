// SPDX-License-Identifier: Apache-2.0
#include "model/latent_model.hpp"

#include "model/diffusion_model.hpp"
#include "model/matern_model.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {

std::unique_ptr<LatentModel> make_latent_model(const EngineModel& model) {
  if (model.kind == ModelKind::spatial) {
    if (model.manifold == Manifold::sphere) {
      throw InvalidModel("A spatial model must lie on the plane, found manifold 'sphere'.");
    }
    return std::make_unique<MaternModel>();
  }
  return std::make_unique<DiffusionModel>(*model.temporal, model.manifold, model.sphere_series_terms);
}

}  // namespace tramontana

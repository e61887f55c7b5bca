// SPDX-License-Identifier: Apache-2.0
#include "model/latent_model.hpp"

#include "model/ar1_matern_model.hpp"
#include "model/diffusion_model.hpp"
#include "model/matern_model.hpp"

namespace tramontana {

std::unique_ptr<LatentModel> make_latent_model(const EngineModel& model) {
  if (model.kind == ModelKind::spatial) {
    return std::make_unique<MaternModel>(model.manifold, model.sphere_series_terms);
  }
  if (model.kind == ModelKind::separable) {
    return std::make_unique<Ar1MaternModel>(static_cast<std::size_t>(model.num_time_steps), model.manifold,
                                            model.sphere_series_terms);
  }
  return std::make_unique<DiffusionModel>(*model.temporal, model.manifold, model.sphere_series_terms);
}

}  // namespace tramontana

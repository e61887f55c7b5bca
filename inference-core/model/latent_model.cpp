// SPDX-License-Identifier: Apache-2.0
#include "model/latent_model.hpp"

#include "model/ar1_matern_model.hpp"
#include "model/diffusion_model.hpp"
#include "model/exact_diffusion_model.hpp"
#include "model/matern_model.hpp"

namespace tramontana {

std::vector<ModeCoefficients> PolynomialModel::mode_coefficients(std::span<const double> parameters,
                                                                 std::span<const double> eigenvalues) const {
  const auto table = coefficients(parameters);
  std::vector<ModeCoefficients> modes(eigenvalues.size());
  for (std::size_t r = 0; r < temporal_terms().size(); ++r) {
    for (std::size_t mode = 0; mode < modes.size(); ++mode) {
      // Horner's rule; coefficients and eigenvalues are non-negative, so nothing cancels.
      FieldDual sum;
      for (std::size_t p = num_spatial_powers; p-- > 0;) sum = sum * FieldDual(eigenvalues[mode]) + table[r][p];
      modes[mode][r] = sum;
    }
  }
  return modes;
}

std::unique_ptr<LatentModel> make_latent_model(const EngineModel& model) {
  if (model.kind == ModelKind::spatial) {
    return std::make_unique<MaternModel>(model.manifold, model.sphere_series_terms);
  }
  if (model.kind == ModelKind::separable) {
    return std::make_unique<Ar1MaternModel>(static_cast<std::size_t>(model.num_time_steps), model.manifold,
                                            model.sphere_series_terms);
  }
  if (model.kind == ModelKind::exact_diffusion) {
    return std::make_unique<ExactDiffusionModel>(static_cast<std::size_t>(model.num_time_steps), model.manifold,
                                                 model.sphere_series_terms);
  }
  return std::make_unique<DiffusionModel>(*model.temporal, model.manifold, model.sphere_series_terms);
}

}  // namespace tramontana

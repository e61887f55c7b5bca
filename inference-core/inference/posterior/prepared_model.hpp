// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "kernels/backend.hpp"
#include "model/border_prior.hpp"
#include "model/latent_model.hpp"
#include "model/mesh_basis.hpp"
#include "model/observation_model.hpp"
#include "model/theta_layout.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/** A validated model with all that does not depend on theta. */
class PreparedModel {
 public:
  /** @throws InvalidModel */
  PreparedModel(EngineModel model, const Backend& backend);

  [[nodiscard]] const EngineModel& model() const { return model_; }
  [[nodiscard]] const Backend& backend() const { return backend_; }
  [[nodiscard]] const LatentModel& latent() const { return *latent_; }
  [[nodiscard]] const ThetaLayout& layout() const { return layout_; }
  [[nodiscard]] const MeshBasis& basis() const { return basis_; }
  /** The groups of observations, as the model holds them. */
  [[nodiscard]] const ObservationModels& observations() const { return observations_; }
  [[nodiscard]] const BorderPrior& border() const { return border_; }
  /** Whether the posterior given theta is Gaussian. */
  [[nodiscard]] bool is_gaussian() const { return is_gaussian_; }
  [[nodiscard]] std::size_t num_processes() const { return layout_.num_processes(); }
  [[nodiscard]] std::size_t num_nodes() const { return basis_.num_nodes(); }
  [[nodiscard]] std::size_t num_steps() const { return static_cast<std::size_t>(model_.num_time_steps); }
  [[nodiscard]] std::size_t block_size() const { return num_processes() * num_nodes(); }
  /** Fixed effects and levels of random effects. */
  [[nodiscard]] std::size_t num_border_columns() const { return border_.num_columns(); }
  /** First fixed effect of a process. */
  [[nodiscard]] std::size_t fixed_effect_offset(std::size_t process) const { return border_.offset(process); }
  /** Column of the right-hand sides [y X] of all processes that a column of the design of one, y first, belongs to. */
  [[nodiscard]] std::size_t design_column(std::size_t process, std::size_t source) const {
    return source == 0 ? 0 : fixed_effect_offset(process) + source;
  }
  [[nodiscard]] std::size_t num_observations() const;
  /** log of dz = |V' C0^1/2| dx, squared, over all processes and steps: from spectral to nodal log|Q|. */
  [[nodiscard]] double log_mass() const {
    return static_cast<double>(num_processes() * num_steps()) * basis_.log_mass();
  }

  /** @throws InvalidModel unless theta has the right length and is finite */
  void check_theta(std::span<const double> theta) const;

 private:
  EngineModel model_;
  const Backend& backend_;
  std::unique_ptr<LatentModel> latent_;
  ThetaLayout layout_;
  MeshBasis basis_;
  BorderPrior border_;
  ObservationModels observations_;
  bool is_gaussian_ = true;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tramontana/engine_model.hpp"

namespace tramontana::testing {

/** A small model on a structured triangulation, with random data; equal options give equal models. */
struct RandomModelOptions {
  ModelKind kind = ModelKind::spatio_temporal;
  Manifold manifold = Manifold::plane;
  int num_processes = 1;
  int grid = 4;  ///< nodes along one side
  int num_steps = 5;
  int observations_per_step = 9;  ///< for each process
  bool same_pattern = false;      ///< the same rows at every step
  bool weights = false;
  bool gaps = false;  ///< drops observations at random and empties two steps
  bool penalized_priors = false;
  double fixed_effect_offset = 0.0;  ///< added to y: a large mean must not cost digits
  std::uint64_t seed = 1;
};

[[nodiscard]] EngineModel random_model(const RandomModelOptions& options);

/** A theta that suits random_model(), shaken by the seed. */
[[nodiscard]] std::vector<double> random_theta(const RandomModelOptions& options);

}  // namespace tramontana::testing

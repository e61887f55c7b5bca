// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "tramontana/engine_model.hpp"

namespace tramontana::bench {

/** A spatio-temporal model on a triangulated, slightly irregular grid, observed at random points. */
struct GridModelOptions {
  int num_nodes = 100;      ///< n_s, any number: the last row of the grid may be shorter
  int num_steps = 8;        ///< n_t
  int num_processes = 1;    ///< n_v
  bool complete = true;     ///< the same points at every step; otherwise each is missing with probability 0.1
  int points_per_step = 0;  ///< for each process; 0: half as many as nodes
  std::uint64_t seed = 1;
  int first_step = 0;  ///< of a longer series: the window first_step .. first_step + num_steps - 1
  int all_steps = 0;   ///< length of that series; 0: num_steps
  /** Above 1: the same points and data on a mesh with edges longer by this factor (a square number of nodes only). */
  double coarseness = 1.0;
};

/**
 * Meshes have spacing 1. The data are a sum of random Fourier features with AR(1) weights, white noise and a mean: of
 * the size and smoothness that grid_theta() means, without being a draw from the model of either route.
 */
[[nodiscard]] EngineModel grid_model(const GridModelOptions& options);

/** A theta in the region where the fits of such data spend their time; order as in docs/notation.md. */
[[nodiscard]] std::vector<double> grid_theta(const GridModelOptions& options);

}  // namespace tramontana::bench

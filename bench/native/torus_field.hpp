// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/backend.hpp"
#include "model/latent_model.hpp"

namespace tramontana::bench {

/** A window of fine cells, cut out of a torus of twice its size in each direction. */
struct FineWindow {
  std::size_t num_rows = 0;
  std::size_t num_columns = 0;
  double cell_height = 0.0;
  double cell_width = 0.0;
};

/**
 * Means over fine cells of a stationary field on a torus, step by step: independent waves, each a first-order
 * autoregression, up to the highest that the cells tell apart. No boundary of the window is one of the field.
 *
 * @return [num_steps] maps, column-major num_rows x num_columns
 */
[[nodiscard]] std::vector<DenseMatrix> simulate_on_torus(const LatentModel& field, std::span<const double> parameters,
                                                         const FineWindow& window, std::size_t num_steps,
                                                         std::uint64_t seed, const Backend& backend);

}  // namespace tramontana::bench

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "grid/cosine_axis.hpp"
#include "kernels/backend.hpp"
#include "model/latent_model.hpp"

namespace tramontana {

/**
 * The waves of a torus as its cells see them, one matrix (row waves x column waves) for each lag and derivative:
 *
 *     S_lag(k) = sum over aliases k + m N of sinc^2 sinc^2 v(lambda) rho(lambda)^lag,
 *
 * lambda the squared length of the wave vector.
 */
struct FoldedWaves {
  std::vector<DenseMatrix> value;
  std::array<std::vector<DenseMatrix>, max_field_parameters> derivative;
};

/** @throws InvalidModel when the field is no autoregression in time */
[[nodiscard]] FoldedWaves fold_waves(const LatentModel& field, std::span<const double> parameters,
                                     const CosineAxis& rows, const CosineAxis& columns, std::size_t num_lags,
                                     bool with_derivatives, const Backend& backend);

/** Area of the torus. */
[[nodiscard]] inline double torus_area(const CosineAxis& rows, const CosineAxis& columns) {
  return static_cast<double>(rows.circle_cells() * columns.circle_cells()) * rows.width() * columns.width();
}

}  // namespace tramontana

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
 * Covariances of the DCT coefficients of one field by lag and index, and their derivatives by the field's parameters.
 * Tables are [lag][q], q = row + num_rows * column.
 */
struct ExpectedSpectrum {
  std::vector<double> value;
  std::array<std::vector<double>, max_field_parameters> derivative;
};

/**
 * E Z_q(t) Z_q(t + lag) for the cell means of a stationary field on a torus that holds the grid:
 *
 *     D_q(lag) = 1/|torus| sum_(k_y, k_x) P_qy(k_y) P_qx(k_x) S_lag(k_y, k_x),
 *
 * with the powers P of CosineAxis and the waves S of FoldedWaves. It is the expectation of the
 * squared DCT, so that no boundary condition enters [Guillaumin2022].
 *
 * Cost: num_lags times four products of (rows x waves) matrices.
 *
 * @throws InvalidModel when the field is no autoregression in time
 */
[[nodiscard]] ExpectedSpectrum expected_spectrum(const LatentModel& field, std::span<const double> parameters,
                                                 const CosineAxis& rows, const CosineAxis& columns,
                                                 std::size_t num_lags, bool with_derivatives, const Backend& backend);

}  // namespace tramontana

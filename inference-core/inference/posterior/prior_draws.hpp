// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "inference/posterior/predictor_map.hpp"
#include "kernels/random_normal.hpp"

namespace tramontana {

/** A few draws of the latent variables: fields u in spectral coordinates, and the border's effects, a column each. */
struct LatentDraws {
  BlockVector field;
  DenseMatrix effects;  ///< p x columns
};

enum class FixedEffectDraws { drawn, zero };

/**
 * Draws from the prior at the posterior's theta: for each column white noise in the order step, process and mode, then
 * border. Scalar tridiagonals color the fields: no factorisation of a block.
 *
 * @param streams  one a column
 */
[[nodiscard]] LatentDraws draw_prior(const PriorAtTheta& prior, std::span<RandomNormal> streams,
                                     FixedEffectDraws fixed_effects);

/**
 * Data of the model given the draws, A x + X b + e per group, m_g x columns. Working observations with a negative
 * weight (outliers) tell nothing, and take no noise.
 *
 * @param streams  one a column
 */
[[nodiscard]] std::vector<DenseMatrix> simulate_data(const PredictorMap& map, const LatentDraws& draws,
                                                     std::span<RandomNormal> streams);

}  // namespace tramontana

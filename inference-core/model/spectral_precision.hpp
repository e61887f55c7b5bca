// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/joint_precision.hpp"

namespace tramontana {

/** Coordinates z, x = C0^-1/2 V z: prior blocks and couplings are diagonal, data blocks dense. */
class SpectralPrecision final : public JointPrecision {
 public:
  explicit SpectralPrecision(JointTerms terms);

  [[nodiscard]] BlockVector right_hand_side(const Backend&, BlockVector spectral) const override { return spectral; }
  [[nodiscard]] BlockVector solution(const Backend&, BlockVector own) const override { return own; }
  void add_moments(const Backend& backend, const StepCovariance& group, CovarianceMoments& moments) const override;

 protected:
  void add_prior(std::size_t step, MatrixView out) const override;
  void add_pattern(double coefficient, const ObservationPattern& pattern, MatrixView out,
                   bool lower_only) const override;
  [[nodiscard]] Coupling make_coupling(std::size_t step) const override;
};

}  // namespace tramontana

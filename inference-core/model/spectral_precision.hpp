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
  void add_prior(std::size_t step, BlockTerms& terms) const override;
  [[nodiscard]] std::variant<ConstBlockView, const SparseBlock*> pattern_block(
      const ObservationPattern& pattern) const override {
    return pattern.spectral();
  }
  [[nodiscard]] Coupling make_coupling(std::size_t step) const override;
};

}  // namespace tramontana

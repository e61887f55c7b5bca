// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "model/joint_precision.hpp"

namespace tramontana {

/** Nodal coordinates x: prior blocks and couplings are sparse (rings of the mesh), data blocks sparse. */
class NodalPrecision final : public JointPrecision {
 public:
  NodalPrecision(JointTerms terms, const CsrMatrix& g1, std::span<const double> c0, const Backend& backend);

  [[nodiscard]] BlockVector right_hand_side(const Backend& backend, BlockVector spectral) const override {
    return terms_.basis->dual_to_nodal(backend, spectral);
  }
  [[nodiscard]] BlockVector solution(const Backend& backend, BlockVector own) const override {
    return terms_.basis->to_spectral(backend, own);
  }
  void add_moments(const Backend& backend, const StepCovariance& group, CovarianceMoments& moments) const override;

 protected:
  void add_prior(std::size_t step, BlockTerms& terms) const override;
  [[nodiscard]] std::variant<ConstBlockView, const SparseBlock*> pattern_block(
      const ObservationPattern& pattern) const override {
    return &pattern.nodal();
  }
  [[nodiscard]] Coupling make_coupling(std::size_t step) const override;

 private:
  void add_link_moments(const Backend& backend, const CovarianceLink& link, CovarianceMoments& moments) const;
  /** True when this power of K takes part in the coupling between `step` and `step + 1`. */
  [[nodiscard]] bool couples(std::size_t process, std::size_t power, std::size_t step) const;

  /** C0, G1, G2 = G1 C0^-1 G1, G3 = G1 C0^-1 G2. */
  std::array<CsrMatrix, num_spatial_powers> powers_;
  /** The same, where the blocks are. */
  std::array<SparseBlock, num_spatial_powers> power_blocks_;
  const Backend& backend_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "kernels/backend.hpp"
#include "matrix/block_sequence.hpp"
#include "model/field_prior.hpp"
#include "model/mesh_basis.hpp"
#include "model/observation_model.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/** What a posterior precision is made of at one theta. The referenced objects outlive it. */
struct JointTerms {
  const MeshBasis* basis = nullptr;
  const std::vector<FieldPrior>* priors = nullptr;  ///< one a process
  const ObservationModels* observations = nullptr;  ///< in groups
  std::vector<double> coregionalisation;            ///< L, row-major n_v x n_v
  std::vector<double> noise_precisions;             ///< tau of each group; 1 where weights are working weights
};

/** Sums over the posterior covariance that the exact gradient needs. */
struct CovarianceMoments {
  /** Per process, moments of the latent covariance per temporal term and mode (spectral basis); empty in nodal one. */
  std::vector<ModeMoments> by_mode;
  /** Per process, the same moments already multiplied with lam^p, [r][p] (nodal basis). */
  std::vector<CoefficientTable<double>> by_power;
  /** Per observation group g: sum_t <H_gt, Sigma_tt[k,l]>, row-major n_v x n_v. */
  std::vector<std::vector<double>> observed;
};

/** Calls `use` with every part of the moments as numbers in a row. */
template <class Use>
void for_each_part(CovarianceMoments& moments, const Use& use) {
  for (auto& by_mode : moments.by_mode) use(std::span(by_mode));
  for (auto& table : moments.by_power) {
    for (auto& row : table) use(std::span(row));
  }
  for (auto& observed : moments.observed) use(std::span(observed));
}

/**
 * The posterior precision of all fields after u = T x, as a sequence of blocks in one of two bases.
 *
 * Block order: process by process, n_s coordinates each.
 */
class JointPrecision : public BlockSequence {
 public:
  explicit JointPrecision(JointTerms terms);

  [[nodiscard]] std::size_t num_blocks() const override { return num_steps_; }
  [[nodiscard]] std::size_t block_size() const override { return num_processes_ * num_nodes_; }
  [[nodiscard]] int diagonal_tag(std::size_t step) const override { return diagonal_tags_[step]; }
  [[nodiscard]] int coupling_tag(std::size_t step) const override { return coupling_tags_[step]; }
  [[nodiscard]] const Coupling& coupling(std::size_t step) const override {
    return couplings_[static_cast<std::size_t>(coupling_tags_[step])];
  }
  [[nodiscard]] bool couplings_are_symmetric() const override { return true; }
  [[nodiscard]] BlockTerms diagonal_terms(std::size_t step) const override;

  /** A right-hand side given in spectral coordinates, in those of this precision. */
  [[nodiscard]] virtual BlockVector right_hand_side(const Backend& backend, BlockVector spectral) const = 0;
  /** A solution in the coordinates of this precision, in spectral ones. */
  [[nodiscard]] virtual BlockVector solution(const Backend& backend, BlockVector own) const = 0;
  /** Adds the group's share of the moments. */
  virtual void add_moments(const Backend& backend, const StepCovariance& group, CovarianceMoments& moments) const = 0;
  /** Zeros, of the right sizes. */
  [[nodiscard]] CovarianceMoments empty_moments() const;

 protected:
  [[nodiscard]] double lower(std::size_t response, std::size_t process) const {
    return terms_.coregionalisation[response * num_processes_ + process];
  }
  /** <H_gt, Sigma_tt[k,l]> of a group of steps, for add_moments(). */
  void add_observed_moments(const Backend& backend, const StepCovariance& group, CovarianceMoments& moments) const;
  /** Prior part of the diagonal block. */
  virtual void add_prior(std::size_t step, BlockTerms& terms) const = 0;
  /** H in these coordinates. */
  [[nodiscard]] virtual std::variant<ConstBlockView, const SparseBlock*> pattern_block(
      const ObservationPattern& pattern) const = 0;
  [[nodiscard]] virtual Coupling make_coupling(std::size_t step) const = 0;
  /** To be called by the constructors of the derived classes. */
  void build_couplings();

  JointTerms terms_;
  std::size_t num_processes_;
  std::size_t num_nodes_;
  std::size_t num_steps_;

 private:
  std::vector<int> diagonal_tags_;
  std::vector<int> coupling_tags_;
  std::vector<Coupling> couplings_;
};

enum class CoordinateBasis { spectral, nodal };

[[nodiscard]] std::unique_ptr<JointPrecision> make_joint_precision(CoordinateBasis basis, JointTerms terms,
                                                                   const CsrMatrix& g1, std::span<const double> c0,
                                                                   const Backend& backend);

}  // namespace tramontana

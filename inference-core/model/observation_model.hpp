// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "matrix/dense.hpp"
#include "model/mesh_basis.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/** What one distinct set of projector rows and weights contributes to the posterior precision, without theta. */
struct ObservationPattern {
  CsrMatrix nodal;       ///< A' W A
  DenseMatrix spectral;  ///< V' C0^-1/2 A' W A C0^-1/2 V, all entries
};

/**
 * The observations of one response, ordered by time step, with everything that does not depend on theta: patterns,
 * projected data and covariates.
 */
class ObservationModel {
 public:
  ObservationModel(const ObservationGroup& group, std::size_t num_steps, const MeshBasis& basis,
                   const Backend& backend);

  [[nodiscard]] std::size_t num_observations() const { return weights_.size(); }
  [[nodiscard]] std::size_t num_covariates() const { return design_.columns() - 1; }
  /** [y X] in time order, m x (1 + p). */
  [[nodiscard]] ConstMatrixView design() const { return design_.view(); }
  [[nodiscard]] const std::vector<double>& weights() const { return weights_; }
  [[nodiscard]] double sum_log_weights() const { return sum_log_weights_; }
  /** Projector rows in time order, m x n_s. */
  [[nodiscard]] const CsrMatrix& projector() const { return projector_; }
  /** First observation of a step and the one after its last. */
  [[nodiscard]] std::pair<std::size_t, std::size_t> rows_of(std::size_t step) const {
    return {step_offsets_[step], step_offsets_[step + 1]};
  }
  /** Index of the pattern of a step, -1 when the step has no observation. */
  [[nodiscard]] int pattern_of(std::size_t step) const { return pattern_of_step_[step]; }
  [[nodiscard]] const ObservationPattern& pattern(int index) const {
    return patterns_[static_cast<std::size_t>(index)];
  }
  /** V' C0^-1/2 A_t' W_t [y X], blocks of n_s x (1 + p). */
  [[nodiscard]] const BlockVector& data_terms() const { return data_terms_; }

  /**
   * A w at the observations, in time order.
   *
   * @param fields nodal values; the rows [offset, offset + n_s) of each block are read
   * @return m x fields.num_columns()
   */
  [[nodiscard]] DenseMatrix project(const BlockVector& fields, std::size_t offset) const;

  /** result rows [offset, ..) += scale A' W r, nodal; r in time order. */
  void add_transposed_projection(double scale, ConstMatrixView weighted, BlockVector& result, std::size_t offset) const;

  /** sum_i w_i a_ij b_ik as a matrix (a.columns x b.columns). */
  [[nodiscard]] DenseMatrix weighted_inner_products(ConstMatrixView a, ConstMatrixView b) const;

 private:
  CsrMatrix projector_;
  std::vector<double> weights_;
  double sum_log_weights_ = 0.0;
  DenseMatrix design_;
  std::vector<std::size_t> step_offsets_;
  std::vector<int> pattern_of_step_;
  std::vector<ObservationPattern> patterns_;
  BlockVector data_terms_;
};

}  // namespace tramontana

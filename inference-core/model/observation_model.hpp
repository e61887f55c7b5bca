// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <numeric>
#include <utility>
#include <vector>

#include "matrix/dense.hpp"
#include "model/likelihood.hpp"
#include "model/mesh_basis.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/** What one distinct set of projector rows and weights contributes to the posterior precision, without theta. */
class ObservationPattern {
 public:
  ObservationPattern(CsrMatrix nodal, const MeshBasis& basis, const Backend& backend)
      : nodal_(backend.blocks().upload(std::move(nodal))), basis_(basis), backend_(backend) {}

  /** A' W A. */
  [[nodiscard]] const SparseBlock& nodal() const { return nodal_; }
  /** V' C0^-1/2 A' W A C0^-1/2 V, all entries; 2 n_s^3 flops when first asked for. */
  [[nodiscard]] ConstBlockView spectral() const;

 private:
  SparseBlock nodal_;
  const MeshBasis& basis_;
  const Backend& backend_;
  mutable std::once_flag computed_;
  mutable Block spectral_;
};

/** Columns of the border that the observations of one process meet: its fixed effects, then its random effects. */
struct BorderColumns {
  std::size_t num_covariates = 0;
  std::vector<std::size_t> num_levels;  ///< one a random effect

  [[nodiscard]] std::size_t total() const {
    return std::accumulate(num_levels.begin(), num_levels.end(), num_covariates);
  }
};

/**
 * One group of observations, ordered by time step, with everything that does not depend on theta: patterns, projected
 * data and covariates.
 */
class ObservationModel {
 public:
  /** @param basis, backend  must outlive this object */
  ObservationModel(const ObservationGroup& group, const BorderColumns& border, std::size_t num_steps,
                   const MeshBasis& basis, const Backend& backend);

  /**
   * The same rows with other weights and responses, both in time order: the working observations of a non-Gaussian
   * group. Weights may be negative.
   */
  [[nodiscard]] ObservationModel reweighted(std::vector<double> weights, std::span<const double> response) const;

  /** The process that is observed. */
  [[nodiscard]] std::size_t process() const { return process_; }
  [[nodiscard]] bool is_gaussian() const { return likelihood_ == Likelihood::gaussian; }
  [[nodiscard]] const LikelihoodModel& likelihood() const { return likelihood_model(likelihood_); }
  /** In time order, on the scale of the predictor. */
  [[nodiscard]] const std::vector<Datum>& data() const { return data_; }
  /** log |dz/dy| of the transform z of each response, in time order; empty without one. */
  [[nodiscard]] const std::vector<double>& log_jacobians() const { return log_jacobians_; }
  /** Where each observation, in time order, stood in the group. */
  [[nodiscard]] const std::vector<std::int32_t>& original_order() const { return order_; }

  [[nodiscard]] std::size_t num_observations() const { return weights_.size(); }
  /** Columns of the border: covariates and levels of random effects. */
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
    return *patterns_[static_cast<std::size_t>(index)];
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
  /** Patterns and projected data, from rows, weights and design. */
  void build_patterns();

  const MeshBasis* basis_;
  const Backend* backend_;
  std::size_t process_;
  Likelihood likelihood_;
  std::vector<std::int32_t> order_;
  std::vector<Datum> data_;
  std::vector<double> log_jacobians_;
  CsrMatrix projector_;
  std::vector<double> weights_;
  double sum_log_weights_ = 0.0;
  DenseMatrix design_;
  std::vector<std::size_t> step_offsets_;
  std::vector<int> pattern_of_step_;
  std::vector<std::shared_ptr<const ObservationPattern>> patterns_;
  BlockVector data_terms_;
};

/** The groups of a model; those that do not depend on theta are shared. */
class ObservationModels {
 public:
  void add(std::shared_ptr<const ObservationModel> model) { models_.push_back(std::move(model)); }
  [[nodiscard]] std::size_t size() const { return models_.size(); }
  [[nodiscard]] const ObservationModel& operator[](std::size_t group) const { return *models_[group]; }
  [[nodiscard]] const std::shared_ptr<const ObservationModel>& shared(std::size_t group) const {
    return models_[group];
  }

 private:
  std::vector<std::shared_ptr<const ObservationModel>> models_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "inference/posterior/gaussian_conditional.hpp"

namespace tramontana {

/**
 * Variances of nodal values, and of rows of weights of nodal values, from the latent covariance of one group of steps,
 * without the border.
 *
 * Nodal coordinates: sums over the entries of the rows. Spectral ones: with Sigma = L + L', L lower triangular with
 * half of the diagonal, a' Sigma a = 2 (Phi L . Phi) row by row, Phi = A C0^-1/2 V; min(m, n_s) n_s^2 flops for m rows,
 * half of what the full product costs, and n_s^3 once for all nodes and every further set of rows.
 *
 * One object is shared by all who visit a group, so that the product is formed once.
 */
class StepVariances {
 public:
  /** Both must outlive this object. */
  StepVariances(const GaussianConditional& posterior, const StepCovariance& group);

  [[nodiscard]] const StepCovariance& group() const { return group_; }
  /** Var(v_response) at the nodes, length n_s. */
  [[nodiscard]] std::vector<double> nodes(std::size_t response);
  /** a' Cov(v_response) a for every row a of an m x n_s matrix. */
  [[nodiscard]] std::vector<double> rows(std::size_t response, const CsrMatrix& rows);

 private:
  /** What has been computed for one response. */
  struct Response {
    Block half;                 ///< L, with zeros above; the whole diagonal in nodal coordinates
    std::vector<double> nodes;  ///< variances, once asked for
    Block product;              ///< C0^-1/2 V L, once asked for
  };

  [[nodiscard]] Response& response(std::size_t index);
  [[nodiscard]] ConstBlockView product(Response& response) const;

  const GaussianConditional& posterior_;
  const BlockKernels& kernels_;
  const StepCovariance& group_;
  bool is_spectral_;
  std::vector<std::optional<Response>> responses_;
};

}  // namespace tramontana

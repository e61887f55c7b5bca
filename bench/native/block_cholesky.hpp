// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "matrix/dense.hpp"

namespace tramontana::bench {

/**
 * A symmetric positive definite block-tridiagonal matrix with an arrow: diagonal blocks D_t (n x n, lower triangles),
 * off-diagonal blocks E_t = Q_{t+1,t} (n x n, dense), arrow F_t (p x n) and tip (p x p). Column-major.
 */
struct BlockArrowMatrix {
  BlockArrowMatrix(std::size_t num_blocks, std::size_t block_size, std::size_t arrow_size);

  std::vector<DenseMatrix> diagonal;
  std::vector<DenseMatrix> lower;
  std::vector<DenseMatrix> arrow;
  DenseMatrix tip;
};

/** The blocks of the inverse on the pattern of the matrix, of one step; valid during the call. */
struct SelectedBlocks {
  std::size_t step = 0;
  ConstMatrixView diagonal;  ///< Sigma_tt, all entries
  ConstMatrixView lower;     ///< Sigma_{t+1,t}, all entries; null data at the last step
  ConstMatrixView arrow;     ///< Sigma_{a,t}, p x n
};

/**
 * The textbook block Cholesky factorisation, in place, as the peers have it [Maillou2025]:
 *
 *     L_t = chol(D_t),  W_t = E_t L_t^-T,  D_{t+1} -= W_t W_t',  G_t = F_t L_t^-T,  F_{t+1} -= G_t W_t',
 *     tip -= G_t G_t'.
 *
 * 7/3 n^3 flops a step: potrf, trsm, syrk.
 */
class BlockCholesky {
 public:
  explicit BlockCholesky(BlockArrowMatrix& matrix) : matrix_(matrix) {}

  /** @return log|Q|. @throws NotPositiveDefinite */
  double factorise();
  /** b <- Q^-1 b; `steps` has n rows a step, one column; `tip` has p. */
  void solve(std::vector<double>& steps, std::vector<double>& tip) const;
  /**
   * Selected inversion from the last step to the first [Takahashi1973]:
   *
   *     Sigma_{t+1,t} = -(Sigma_{t+1,t+1} W_t + Sigma_{a,t+1}' G_t) L_t^-1,
   *     Sigma_tt      = (L_t^-T - Sigma_{t+1,t}' W_t - Sigma_{a,t}' G_t) L_t^-1.
   *
   * trtri, then symm, gemm and two trmm: 6.33 n^3 flops a step. The peers write trsm and four gemm, 9 n^3; triangular
   * products are quicker on a processor.
   */
  void for_each_selected(const std::function<void(const SelectedBlocks&)>& visit);
  /** Sigma_aa, p x p, all entries; after for_each_selected(). */
  [[nodiscard]] const DenseMatrix& tip_inverse() const { return tip_inverse_; }

 private:
  BlockArrowMatrix& matrix_;
  DenseMatrix tip_inverse_;
};

}  // namespace tramontana::bench

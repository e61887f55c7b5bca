// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "block_cholesky.hpp"
#include "textbook_precision.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana::bench {

/** Objective and gradient at one theta. */
struct TextbookAnswer {
  double objective = 0.0;
  std::vector<double> gradient;
};

/**
 * The objective of docs/mathematics.md, section 2, as the peers compute it: for every evaluation the joint prior
 * precision and the posterior precision of field and fixed effects, each factorised as dense blocks in nodal
 * coordinates. It shares with the engine the description of the model and sparse products for G2 and G3, nothing else.
 *
 * For planes, Gaussian observations and Gaussian priors of theta.
 */
class TextbookRoute {
 public:
  explicit TextbookRoute(const EngineModel& model);

  /** 2 x 7/3 n^3 n_t flops. */
  [[nodiscard]] double objective(std::span<const double> theta);
  /**
   * Adds two selected inversions, 2 x 6.33 n^3 n_t flops: the derivative of log|Q| is tr(Q^-1 dQ), of prior and
   * posterior alike; the mean enters by the envelope theorem.
   */
  [[nodiscard]] TextbookAnswer objective_and_gradient(std::span<const double> theta);
  /** Central differences of the objective with steps of `step` in each component: 2 d + 1 evaluations. */
  [[nodiscard]] TextbookAnswer objective_and_differences(std::span<const double> theta, double step);

 private:
  struct Point;

  void evaluate(std::span<const double> theta, Point& point, bool with_gradient);
  /** A' D A, A' D X and X' D X on top of the prior. */
  void add_observations(const Point& point);
  void add_gradient(std::span<const double> theta, Point& point);
  /** sum_i of [A_i x_i] Sigma_t [A_i x_i]' over the observations of one process at one step. */
  [[nodiscard]] double predictor_variance(std::size_t process, const SelectedBlocks& blocks,
                                          const DenseMatrix& tip_inverse) const;

  const EngineModel& model_;
  TextbookPrecision precision_;
  std::size_t num_nodes_;
  std::size_t num_steps_;
  std::size_t num_processes_;
  std::size_t block_size_;
  std::size_t num_fixed_ = 0;
  std::vector<std::size_t> fixed_offset_;
  /** [process][step]: observations of that step. */
  std::vector<std::vector<std::vector<std::size_t>>> rows_of_step_;
  /** One for prior and posterior in turn: the blocks of one factorisation are most of the memory. */
  std::optional<BlockArrowMatrix> matrix_;
};

}  // namespace tramontana::bench

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "inference/posterior/prior_at_theta.hpp"
#include "kernels/trace_terms.hpp"

namespace tramontana {

/** A group of observations that shares its response with others, at other steps. */
struct SharedResponse {
  std::size_t group = 0;
  std::size_t response = 0;
  std::vector<bool> steps;  ///< where it observes
  std::size_t num_steps = 0;
};

/** T = L^-1 = I - sum lambda_ab e_a e_b', row-major n_v x n_v. */
[[nodiscard]] std::vector<double> uncoupling_matrix(const ThetaLayout& layout, std::span<const double> theta);

/**
 * Derivatives of the prior precision by the parameters of fields and coregionalisation, as terms that couple processes
 * within a mode and steps that are neighbours.
 *
 * They are those of Q~ = L^-T Q_p L^-1, the precision of the responses v = L w, brought back to the coordinates of the
 * fields w by L' (.) L: traces of products with the covariance do not change by that. With dL/dlambda_ab = L e_a e_b'
 * L,
 *
 *     field:   e_k dQ_k e_k'
 *     lambda:  -(L' e_b) Q_a e_a' - Q_a e_a (e_b' L).
 *
 * After those of theta come, of every response with several groups, those of all groups but the last: with X = E_j at
 * the steps of a group of response j, its share N of the data precision has Sigma N = X - Sigma Q~ X, and
 *
 *     group:   -sum_k T_kj Q_k e_k (e_j' L) at its steps, T = L^-1.
 */
class ModeGenerators {
 public:
  /** @param prior  must outlive this object */
  explicit ModeGenerators(const PriorAtTheta& prior);

  [[nodiscard]] const std::vector<TraceTerm>& terms() const { return terms_; }
  /** The groups with terms of their own. */
  [[nodiscard]] const std::vector<SharedResponse>& groups() const { return groups_; }
  /** The component of theta that a term belongs to, or its size + the number of one of groups(). */
  [[nodiscard]] std::size_t parameter(std::size_t term) const { return parameters_[term]; }
  /** The same as an index of theta: groups have their noise. */
  [[nodiscard]] std::size_t theta_index(std::size_t term) const;
  /** What each term scales the modes of `step` with, from itself or a neighbour; [term * n_s + mode]. */
  [[nodiscard]] std::vector<double> scales(std::size_t from, std::size_t step) const;

 private:
  void add_fields();
  void add_coregionalisation();
  void add_groups();
  /** @param coefficient  of temporal term r at a mode */
  template <class Coefficient>
  void add(TraceTerm term, std::size_t parameter, const Coefficient& coefficient);

  const PriorAtTheta& prior_;
  std::vector<TraceTerm> terms_;
  std::vector<std::size_t> parameters_;
  std::vector<SharedResponse> groups_;
  std::vector<std::vector<double>> coefficients_;  ///< of each term, [r * n_s + mode]
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <vector>

#include "block_cholesky.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana::bench {

/** C0, G1, G2 and G3: the spatial matrices of the "121" diffusion. */
inline constexpr std::size_t num_powers = 4;
/** M0, M1 and M2. */
inline constexpr std::size_t num_temporal = 3;

/** coefficient[r][p] of M_r (x) {C0, G1, G2, G3}[p]. */
using Coefficients = std::array<std::array<double, num_powers>, num_temporal>;

/** Where the parameters of a model sit in theta; order of docs/notation.md. */
struct TextbookLayout {
  explicit TextbookLayout(std::size_t num_processes);

  struct Lambda {
    std::size_t target, source, index;
  };
  std::vector<std::array<std::size_t, 3>> field;  ///< log range_s, log range_t, log sigma
  std::vector<std::size_t> noise;
  std::vector<Lambda> lambdas;
  std::size_t size = 0;
};

/**
 * The joint prior precision T' blkdiag(Q_k / s_k^2) T of all processes in nodal coordinates (docs/mathematics.md,
 * section 1) with its derivatives:
 *
 *     Q = sum_rpij coefficient[i][j][r][p] M_r (x) e_i e_j' (x) {C0, G1, G2, G3}[p].
 */
class TextbookPrecision {
 public:
  explicit TextbookPrecision(const EngineModel& model);

  /** [i * n_v + j]. */
  using JointCoefficients = std::vector<Coefficients>;

  [[nodiscard]] const TextbookLayout& layout() const { return layout_; }
  [[nodiscard]] JointCoefficients coefficients(std::span<const double> theta) const;
  /** Their derivatives by each component of theta; zero for the noise. */
  [[nodiscard]] std::vector<JointCoefficients> derivatives(std::span<const double> theta) const;

  /** Writes diagonal and off-diagonal blocks of all steps; the arrow becomes zero. */
  void assemble(const JointCoefficients& coefficients, BlockArrowMatrix& matrix) const;

  /** M_r(t,t') times a symmetric matrix, summed over t and t', on the pattern of G3: [((i * n_v + j) * 3 + r)][entry].
   */
  using Moments = std::vector<std::vector<double>>;
  [[nodiscard]] Moments zero_moments() const;
  /** Adds alpha times the blocks of an inverse. */
  void add_moments(double alpha, const SelectedBlocks& blocks, Moments& moments) const;
  /** Adds those of x x'. */
  void add_moments(const std::vector<double>& x, Moments& moments) const;
  /** tr(Q E) for the E whose moments these are. */
  [[nodiscard]] double trace(const JointCoefficients& coefficients, const Moments& moments) const;

 private:
  [[nodiscard]] std::vector<double> transformation(std::span<const double> theta) const;
  /** values (on the pattern of G3) = sum_rp M_r c[r][p] power[p]. */
  void combine(const Coefficients& coefficients, const std::array<double, num_temporal>& temporal,
               std::vector<double>& values) const;
  void scatter(const JointCoefficients& coefficients, const std::array<double, num_temporal>& temporal, bool lower_only,
               MatrixView out) const;

  std::size_t num_nodes_;
  std::size_t num_steps_;
  std::size_t num_processes_;
  TextbookLayout layout_;
  TemporalMatrices temporal_;
  CsrMatrix pattern_;  ///< of G3, which holds those of the others
  std::array<std::vector<double>, num_powers> powers_;
};

}  // namespace tramontana::bench

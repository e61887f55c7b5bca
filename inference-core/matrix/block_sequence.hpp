// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

#include "matrix/block.hpp"
#include "matrix/block_terms.hpp"
#include "matrix/coupling.hpp"

namespace tramontana {

/**
 * A symmetric positive definite block-tridiagonal matrix, described step by step.
 *
 * Steps carry tags: two steps with equal diagonal tags have equal diagonal blocks, and two couplings with equal tags
 * are equal. The recursion reuses a block whenever tags and incoming state are equal, so cost and memory follow the
 * number of distinct blocks, not the number of steps.
 */
class BlockSequence {
 public:
  virtual ~BlockSequence() = default;

  [[nodiscard]] virtual std::size_t num_blocks() const = 0;
  [[nodiscard]] virtual std::size_t block_size() const = 0;
  [[nodiscard]] virtual int diagonal_tag(std::size_t step) const = 0;
  /** Tag of the block between `step` and `step + 1`. */
  [[nodiscard]] virtual int coupling_tag(std::size_t step) const = 0;
  /** Q_{step+1, step}. */
  [[nodiscard]] virtual const Coupling& coupling(std::size_t step) const = 0;
  /** True when every coupling equals its transpose; then forward and backward states may be shared. */
  [[nodiscard]] virtual bool couplings_are_symmetric() const = 0;
  /** Q_{step, step}, as what it is assembled from. */
  [[nodiscard]] virtual BlockTerms diagonal_terms(std::size_t step) const = 0;
};

/**
 * Covariance across one coupling, Sigma_{t,t-1} = -Sigma Q_{t,t-1} P, as a product that nobody needs to form.
 *
 * `count` couplings have this value, the one between `step` - 1 and `step` among them. Sums of covariances come as
 * several links, some with a negative count.
 */
struct CovarianceLink {
  std::size_t step = 0;
  double count = 1.0;
  ConstBlockView covariance;        ///< Sigma, lower triangle
  ConstBlockView previous_inverse;  ///< P, lower triangle
  const Coupling* coupling = nullptr;
};

/**
 * The posterior covariance of steps that share one diagonal block of the precision.
 *
 * Over all groups the steps are each step once, and the links each coupling once (counts summed).
 */
struct StepCovariance {
  std::span<const std::size_t> steps;
  /** Sigma_tt, lower triangle: of each of the steps, or their mean where sums were asked for. */
  ConstBlockView covariance;
  std::span<const CovarianceLink> links;
};

}  // namespace tramontana

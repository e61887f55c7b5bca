// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "inference/optimiser/pair_traces.hpp"

namespace tramontana {

/** Moments of the responses v = L w mode by mode, and what follows from them at any theta. */
class ResponseMoments {
 public:
  /** @param prior  must outlive this object */
  ResponseMoments(const PriorAtTheta& prior, const FieldMoments& of_fields);

  /** tr Sigma Q~_i - (log|Q_p|)_i by the parameters of fields and coregionalisation at another theta, Sigma held. */
  [[nodiscard]] std::vector<double> slope(std::span<const double> theta) const;
  /** tr E_j Sigma Q~_i of a response j by the parameters of fields and coregionalisation. */
  [[nodiscard]] std::vector<double> of_response(std::size_t j) const;
  /** tr E_j Sigma Q~_p. */
  [[nodiscard]] double prior_share(std::size_t j) const;

 private:
  /** c_r of a process, the index being [r * n_s + mode]. */
  [[nodiscard]] const FieldDual& coefficient(std::size_t process, std::size_t index) const;
  /** (E L^-T)_jk. */
  [[nodiscard]] double column_entry(std::size_t j, std::size_t k, std::span<const double> inverse,
                                    std::size_t index) const;
  /** sum of c_r (E L^-T)_bk over temporal terms and modes. */
  [[nodiscard]] double weighted(const FieldPrior& field, std::size_t b, std::size_t k,
                                std::span<const double> inverse) const;

  const PriorAtTheta& prior_;
  std::size_t num_processes_;
  std::size_t count_;  ///< of temporal terms and modes
  FieldMoments moments_;
};

}  // namespace tramontana

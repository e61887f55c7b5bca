// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "solver/forward_filter.hpp"

namespace tramontana {

using CovarianceVisitor = std::function<void(const StepCovariance&)>;

/**
 * Hands one covariance with the steps that share it to the visitor, and one link for each distinct state of the forward
 * filter before these steps.
 */
class StepCovariances {
 public:
  StepCovariances(const BlockSequence& sequence, const ForwardFilter& filter, const CovarianceVisitor& visit)
      : sequence_(sequence), filter_(filter), visit_(visit) {}

  void emit(std::span<const std::size_t> steps, ConstBlockView covariance);
  /** With links that the caller knows better. */
  void emit(std::span<const std::size_t> steps, ConstBlockView covariance, std::span<const CovarianceLink> links);

  [[nodiscard]] std::size_t num_groups() const { return num_groups_; }

 private:
  const BlockSequence& sequence_;
  const ForwardFilter& filter_;
  const CovarianceVisitor& visit_;
  std::size_t num_groups_ = 0;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "solver/selected_inverse.hpp"

namespace tramontana {

/** for_each_covariance() by Sigma_t = S_t^-1 + S_t^-1 C_t' Sigma_{t+1} C_t S_t^-1 [Takahashi1973]. */
SelectedInverseSummary run_backward(const BlockSequence& sequence, const ForwardFilter& filter, const Backend& backend,
                                    const RecursionOptions& options, const CancellationToken* cancellation,
                                    const CovarianceVisitor& visit);

}  // namespace tramontana

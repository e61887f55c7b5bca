// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tramontana/engine.hpp"

namespace tramontana {

/** Predictions of the left-out observations of one group, in its own order; NaN for those that never were left out. */
struct LeftOutGroup {
  std::vector<double> mean;         ///< of the predictor
  std::vector<double> sd;           ///< of the predictor
  std::vector<double> log_density;  ///< log p(y_i | y without its fold)
  std::vector<double> pit;          ///< P(Y_i <= y_i | y without its fold)
};

struct LeaveOutResult {
  std::vector<LeftOutGroup> groups;
  /** log p(y of the fold | y without it), jointly, a fold. */
  std::vector<double> fold_log_density;
  /** -mean of log_density. */
  double log_score = 0.0;
};

/**
 * Leave-group-out cross-validation: each fold is removed from the data and predicted from the rest, exactly, at a theta
 * that is kept (usually the mode of all data: what one station or one day says about a handful of hyperparameters is
 * little).
 *
 * A fold may hold observations of any groups and steps, such as all of one station. Cost: one factorisation, one
 * selected inverse and the patterns of the reduced data a fold; folds run side by side where that is quicker.
 *
 * @param folds  a group of observations, then the fold of each observation, from 0 to the number of all observations
 *               less one, or -1; a fold may be empty
 * @throws InvalidModel, NotPositiveDefinite, InnerModeNotFound, Interrupted
 */
[[nodiscard]] LeaveOutResult leave_groups_out(const PreparedModel& model, std::span<const double> theta,
                                              std::span<const std::vector<std::int32_t>> folds,
                                              const EvaluationOptions& options = {},
                                              const CancellationToken* cancellation = nullptr);

}  // namespace tramontana

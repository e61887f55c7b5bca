// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "matrix/dense.hpp"
#include "model/observation_model.hpp"
#include "model/theta_layout.hpp"
#include "tramontana/engine_model.hpp"

namespace tramontana {

/**
 * The prior of the border: for each process its fixed effects, N(0, 1/precision) each, then its random effects,
 * N(0, (e^theta R)^-1).
 */
class BorderPrior {
 public:
  /** The levels of one random effect within the border. */
  struct Effect {
    std::size_t process = 0;
    std::size_t offset = 0;
    DenseMatrix structure;  ///< R, all entries
    double log_determinant = 0.0;
  };

  /** The model must have been validated. */
  BorderPrior(const EngineModel& model, std::size_t num_processes);

  [[nodiscard]] std::size_t num_columns() const { return num_columns_; }
  /** First column of a process. */
  [[nodiscard]] std::size_t offset(std::size_t process) const { return offsets_[process]; }
  [[nodiscard]] const BorderColumns& columns(std::size_t process) const { return columns_[process]; }
  /** In the order of the model. */
  [[nodiscard]] const std::vector<Effect>& effects() const { return effects_; }

  /** P_b at theta, all entries. */
  [[nodiscard]] DenseMatrix precision(const ThetaLayout& layout, std::span<const double> theta) const;
  [[nodiscard]] double log_determinant(const ThetaLayout& layout, std::span<const double> theta) const;

 private:
  double fixed_precision_;
  std::size_t num_fixed_ = 0;
  std::size_t num_columns_ = 0;
  std::vector<std::size_t> offsets_;
  std::vector<BorderColumns> columns_;
  std::vector<Effect> effects_;
};

}  // namespace tramontana

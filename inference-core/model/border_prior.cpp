// SPDX-License-Identifier: Apache-2.0
#include "model/border_prior.hpp"

#include <cmath>

namespace tramontana {
namespace {

/** R and log|R|. */
BorderPrior::Effect make_effect(const RandomEffect& effect) {
  const auto n = static_cast<std::size_t>(effect.num_levels);
  BorderPrior::Effect result{static_cast<std::size_t>(effect.process), 0, DenseMatrix::zero(n, n), 0.0};
  auto& r = result.structure;
  if (effect.structure == RandomEffect::Structure::iid) {
    for (std::size_t i = 0; i < n; ++i) r(i, i) = 1.0;
    return result;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t next = (i + 1) % n;
    r(i, i) += 1.0;
    r(next, next) += 1.0;
    r(i, next) -= 1.0;
    r(next, i) -= 1.0;
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) r(i, j) += 1.0 / static_cast<double>(n);
  }
  // The eigenvalues are 1 and 2 - 2 cos(2 pi k / n), whose product over k = 1..n-1 is n^2.
  result.log_determinant = 2.0 * std::log(static_cast<double>(n));
  return result;
}

}  // namespace

BorderPrior::BorderPrior(const EngineModel& model, std::size_t num_processes)
    : fixed_precision_(model.fixed_effects_prior_precision), columns_(num_processes) {
  for (const auto& group : model.observations) {
    columns_[static_cast<std::size_t>(group.process)].num_covariates = static_cast<std::size_t>(group.num_covariates);
  }
  for (const auto& effect : model.random_effects) {
    columns_[static_cast<std::size_t>(effect.process)].num_levels.push_back(
        static_cast<std::size_t>(effect.num_levels));
    effects_.push_back(make_effect(effect));
  }
  for (std::size_t process = 0; process < num_processes; ++process) {
    offsets_.push_back(num_columns_);
    num_columns_ += columns_[process].num_covariates;
    num_fixed_ += columns_[process].num_covariates;
    for (auto& effect : effects_) {
      if (effect.process != process) continue;
      effect.offset = num_columns_;
      num_columns_ += effect.structure.rows();
    }
  }
}

DenseMatrix BorderPrior::precision(const ThetaLayout& layout, std::span<const double> theta) const {
  auto precision = DenseMatrix::zero(num_columns_, num_columns_);
  for (std::size_t i = 0; i < num_columns_; ++i) precision(i, i) = fixed_precision_;
  for (std::size_t e = 0; e < effects_.size(); ++e) {
    const double scale = std::exp(theta[layout.random_effect(e)]);
    const auto& r = effects_[e].structure;
    for (std::size_t j = 0; j < r.columns(); ++j) {
      for (std::size_t i = 0; i < r.rows(); ++i) {
        precision(effects_[e].offset + i, effects_[e].offset + j) = scale * r(i, j);
      }
    }
  }
  return precision;
}

double BorderPrior::log_determinant(const ThetaLayout& layout, std::span<const double> theta) const {
  double sum = static_cast<double>(num_fixed_) * std::log(fixed_precision_);
  for (std::size_t e = 0; e < effects_.size(); ++e) {
    sum += static_cast<double>(effects_[e].structure.rows()) * theta[layout.random_effect(e)] +
           effects_[e].log_determinant;
  }
  return sum;
}

}  // namespace tramontana

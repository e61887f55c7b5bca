// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "inference/optimiser/search_target.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "tramontana/cancellation.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {

/** The objective of a model on a mesh: the posterior of theta by the block recursions. */
class PosteriorTarget final : public SearchTarget {
 public:
  PosteriorTarget(const PreparedModel& model, const EvaluationOptions& options, const CancellationToken* cancellation)
      : model_(model), options_(options), cancellation_(cancellation) {}

  [[nodiscard]] std::unique_ptr<SearchPoint> at(std::span<const double> theta) const override;
  [[nodiscard]] const Backend& backend() const override { return model_.backend(); }
  [[nodiscard]] bool has_faithful_curvature() const override { return model_.is_gaussian(); }
  [[nodiscard]] std::optional<std::vector<double>> exact_hessian(std::span<const double> theta,
                                                                 std::unique_ptr<SearchPoint>& here,
                                                                 HessianCost cost) const override;
  [[nodiscard]] std::vector<std::vector<double>> run_some(std::span<const double> theta, std::size_t first,
                                                          std::size_t last, const Job& job) const override;

 private:
  const PreparedModel& model_;
  const EvaluationOptions& options_;
  const CancellationToken* cancellation_;
};

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/gaussian_conditional.hpp"

#include <utility>

#include "inference/posterior/small_dense.hpp"
#include "inference/posterior/theta_facts.hpp"

namespace tramontana {

GaussianConditional::GaussianConditional(const PriorAtTheta& prior, ObservationModels observations,
                                         const EvaluationOptions& options, const CancellationToken* cancellation)
    : map_(prior, std::move(observations)),
      field_(condition_fields(map_, options, cancellation)),
      solution_(solve_bordered(map_, *field_)) {}

std::vector<double> GaussianConditional::mean_predictor(std::size_t group) const {
  const auto& observed = observations()[group];
  const auto design = observed.design();
  std::vector<double> eta(design.rows);
  if (observed.is_gaussian()) {
    for (std::size_t i = 0; i < eta.size(); ++i) eta[i] = design(i, 0) - solution_.residuals[group](i, 0);
    return eta;
  }
  // Working observations eta + l'/W are huge where the curvature W is tiny: less the residual they would leave no
  // digits.
  const auto& fields = solution_.states.by_process[group];
  for (std::size_t k = 0; k < fields.size(); ++k) {
    const double weight = prior().lower(observed.process(), k);
    for (std::size_t i = 0; i < eta.size(); ++i) eta[i] += weight * fields[k](i, 0);
  }
  const std::size_t offset = prepared().fixed_effect_offset(observed.process());
  for (std::size_t c = 0; c < observed.num_covariates(); ++c) {
    for (std::size_t i = 0; i < eta.size(); ++i) eta[i] += design(i, 1 + c) * solution_.effects[offset + c];
  }
  return eta;
}

ConditionalMean GaussianConditional::solve_for_data(const std::vector<DenseMatrix>& w) const {
  const auto& backend = prepared().backend();
  auto given = field_->solve(w);
  const std::size_t num_effects = prepared().num_border_columns();
  ConditionalMean result{std::move(given.fields.spectral), {}, std::move(given.predictor), std::move(given.residuals)};
  if (num_effects == 0) return result;
  // The effects, from X' D r.
  const std::size_t num_columns = w[0].columns();
  auto rhs = DenseMatrix::zero(num_effects, num_columns);
  for (std::size_t group = 0; group < observations().size(); ++group) {
    const auto& observed = observations()[group];
    const auto residual = std::as_const(result.residuals[group]).view();
    const auto design = observed.design().block(0, 1, residual.rows, observed.num_covariates());
    const auto products = observed.weighted_inner_products(design, residual);
    for (std::size_t column = 0; column < num_columns; ++column) {
      for (std::size_t c = 0; c < products.rows(); ++c) {
        rhs(prepared().fixed_effect_offset(observed.process()) + c, column) +=
            prior().noise_precision(group) * products(c, column);
      }
    }
  }
  result.effects = small_product(solution_.effect_covariance, false, rhs);
  const auto effects = std::as_const(result.effects).view();
  for (std::size_t group = 0; group < observations().size(); ++group) {
    const auto border = solution_.border_residuals[group].view();
    backend.dense().multiply(Transpose::no, Transpose::no, 1.0, border, effects, 1.0, result.predictor[group].view());
    backend.dense().multiply(Transpose::no, Transpose::no, -1.0, border, effects, 1.0, result.residuals[group].view());
  }
  for (std::size_t step = 0; step < result.field.num_blocks(); ++step) {
    backend.dense().multiply(Transpose::no, Transpose::no, -1.0, solution_.border.block(step), effects, 1.0,
                             result.field.block(step));
  }
  return result;
}

SelectedInverseSummary GaussianConditional::for_each_covariance(const CovarianceVisitor& visit,
                                                                CovarianceDetail detail) const {
  return with_theta_in_errors(prior().theta(), [&] { return field_->for_each_covariance(visit, detail); });
}

}  // namespace tramontana

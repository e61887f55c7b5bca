// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/evaluation.hpp"

#include <chrono>
#include <optional>

#include "inference/posterior/gradient.hpp"
#include "inference/posterior/latent_summaries.hpp"
#include "matrix/block_memory.hpp"

namespace tramontana {

Evaluation evaluation_of(const Posterior& whole, const EvaluationOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto& posterior = whole.conditional();
  Evaluation result;
  result.objective = whole.terms().objective;
  result.log_marginal_likelihood = whole.terms().log_marginal_likelihood;
  result.log_posterior = whole.terms().log_posterior;
  result.inner_iterations = whole.num_factorisations();
  result.log_determinant_prior = whole.terms().log_determinant_prior;
  result.log_determinant_posterior = whole.terms().log_determinant_posterior;
  result.fixed_effect_means = posterior.solution().effects;
  const auto& covariance = posterior.solution().effect_covariance;
  result.fixed_effect_covariance.assign(covariance.data(),
                                        covariance.data() + covariance.rows() * covariance.columns());
  result.recursion = posterior.field().description();
  if (options.latent) result.latent_mean = latent_mean(posterior);
  if (options.gradient || options.latent) {
    std::optional<MarginalVariances> variances;
    if (options.latent) variances.emplace(posterior);
    SelectedInverseSummary summary;
    if (options.gradient) {
      const CovarianceVisitor also =
          options.latent ? CovarianceVisitor([&](const StepCovariance& group) { variances->visit(group); })
                         : CovarianceVisitor();
      result.gradient = objective_gradient(posterior, also, &summary);
    } else {
      summary = posterior.for_each_covariance([&](const StepCovariance& group) { variances->visit(group); });
    }
    if (options.latent) result.marginal_variances = variances->take();
    result.recursion += "; " + summary.reason;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

Evaluation evaluate(const PreparedModel& model, std::span<const double> theta, const EvaluationOptions& options,
                    const CancellationToken* cancellation) {
  const KeepBlocks keep_blocks;
  const auto start = std::chrono::steady_clock::now();
  auto result = evaluation_of(Posterior(model, theta, options, cancellation), options);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace tramontana

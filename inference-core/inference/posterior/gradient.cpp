// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/gradient.hpp"

#include <optional>
#include <utility>

#include "inference/posterior/finite.hpp"
#include "inference/posterior/observation_moments.hpp"
#include "inference/posterior/working_variates.hpp"
#include "model/priors.hpp"

namespace tramontana {
namespace {

/** sum over columns of a' W b. */
double weighted_total(const ObservationModel& observations, const DenseMatrix& a, const DenseMatrix& b) {
  double total = 0.0;
  for (std::size_t column = 0; column < a.columns(); ++column) {
    for (std::size_t i = 0; i < a.rows(); ++i) total += observations.weights()[i] * a(i, column) * b(i, column);
  }
  return total;
}

/** Share of the field parameters of one process. */
std::array<double, max_field_parameters> field_gradient(const GaussianConditional& posterior, std::size_t process,
                                                        CovarianceMoments& moments) {
  const auto& prior = posterior.prior().fields()[process];
  auto& by_mode = moments.by_mode[process];
  prior.add_moments(posterior.solution().states.spectral, process * prior.num_modes(), by_mode);
  // Posterior minus prior mode by mode: for stiff modes the two agree to many digits and must cancel before they are
  // summed.
  const auto prior_moments = prior.prior_moments();
  for (std::size_t i = 0; i < by_mode.size(); ++i) by_mode[i] -= prior_moments[i];
  auto gradient = prior.contract(by_mode);
  // Of covariances between the nodes.
  if (!prior.has_polynomials()) return gradient;
  for (std::size_t r = 0; r < prior.terms().size(); ++r) {
    for (std::size_t p = 0; p < num_spatial_powers; ++p) {
      for (std::size_t i = 0; i < max_field_parameters; ++i) {
        gradient[i] += 0.5 * prior.polynomials()[r][p].derivative[i] * moments.by_power[process][r][p];
      }
    }
  }
  return gradient;
}

/** Gaussian noise of one group: 1/2 (tau (r' W r + tr(A' W A Sigma)) - m). */
double noise_gradient(const GaussianConditional& posterior, std::size_t group, double observed_variance) {
  const auto& observed = posterior.observations()[group];
  const auto& residual = posterior.solution().residuals[group];
  const double squares = weighted_total(observed, residual, residual) + observed_variance;
  return 0.5 * (posterior.prior().noise_precision(group) * squares - static_cast<double>(observed.num_observations()));
}

/** Share of the log precision of each random effect: 1/2 (tau (b' R b + tr(R Sigma_bb)) - levels). */
void add_random_effect_gradient(const GaussianConditional& posterior, std::vector<double>& gradient) {
  const auto& prepared = posterior.prepared();
  const auto& covariance = posterior.solution().effect_covariance;
  const auto& means = posterior.solution().effects;
  for (std::size_t e = 0; e < prepared.border().effects().size(); ++e) {
    const auto& effect = prepared.border().effects()[e];
    const std::size_t count = effect.structure.rows();
    double quadratic = 0.0;
    for (std::size_t j = 0; j < count; ++j) {
      for (std::size_t i = 0; i < count; ++i) {
        // P_b holds e^theta R.
        const double scaled = posterior.prior().border_precision()(effect.offset + i, effect.offset + j);
        quadratic += scaled * (means[effect.offset + i] * means[effect.offset + j] +
                               covariance(effect.offset + i, effect.offset + j));
      }
    }
    gradient[prepared.layout().random_effect(e)] += 0.5 * (quadratic - static_cast<double>(count));
  }
}

/**
 * What moves the mode moves the weights, and with them log|Q_c|: 1/2 sum_i W'_i Var(eta_i) d eta_i / d theta, and for
 * the likelihood's own parameters the derivatives of density and weights besides [Rue2009].
 */
void add_mode_gradient(const GaussianConditional& posterior, const std::vector<PredictorMoments>& moments,
                       std::vector<double>& gradient) {
  const auto& prepared = posterior.prepared();
  const auto slopes = predictor_derivatives(posterior);
  for (std::size_t group = 0; group < posterior.observations().size(); ++group) {
    const auto& observed = posterior.observations()[group];
    if (observed.is_gaussian()) continue;
    const auto& likelihood = observed.likelihood();
    const auto parameters = posterior.prior().likelihood_parameters(group);
    const auto eta = posterior.mean_predictor(group);
    for (std::size_t i = 0; i < eta.size(); ++i) {
      const auto& datum = observed.data()[i];
      const double factor = 0.5 * likelihood.terms(datum, eta[i], parameters).weight_slope * moments[group].variance[i];
      for (std::size_t t = 0; t < gradient.size(); ++t) gradient[t] += factor * slopes[group](i, t);
      for (std::size_t p = 0; p < parameters.size(); ++p) {
        const auto own = likelihood.parameter_terms(datum, eta[i], parameters, p);
        gradient[prepared.layout().likelihood(group)[p]] +=
            0.5 * own.weight_slope * moments[group].variance[i] - own.log_density_slope;
      }
    }
  }
}

}  // namespace

std::vector<double> objective_gradient(const GaussianConditional& posterior, const CovarianceVisitor& also_visit,
                                       SelectedInverseSummary* summary) {
  const auto& prepared = posterior.prepared();
  const auto& layout = prepared.layout();
  const std::size_t n = prepared.num_processes();
  auto moments = posterior.field().precision().empty_moments();
  std::optional<ObservationMoments> predictor_moments;
  if (!prepared.is_gaussian()) predictor_moments.emplace(posterior);
  const auto ran = posterior.for_each_covariance(
      [&](const StepCovariance& group) {
        posterior.field().precision().add_moments(prepared.backend(), group, moments);
        if (predictor_moments) predictor_moments->visit(group);
        if (also_visit) also_visit(group);
      },
      predictor_moments || also_visit ? CovarianceDetail::each_step : CovarianceDetail::sums);
  const auto visitors = posterior.visitors();
  for_each_part(moments, [&](std::span<double> part) { visitors.sum(part); });
  if (summary != nullptr) *summary = ran;

  std::vector<double> gradient(layout.size(), 0.0);
  for (std::size_t process = 0; process < n; ++process) {
    const auto share = field_gradient(posterior, process, moments);
    for (std::size_t i = 0; i < layout.field(process).size(); ++i) gradient[layout.field(process)[i]] += share[i];
  }
  std::vector<double> by_entry(n * n, 0.0);
  for (std::size_t group = 0; group < posterior.observations().size(); ++group) {
    const auto& observed = posterior.observations()[group];
    const std::size_t j = observed.process();
    double observed_variance = 0.0;
    for (std::size_t k = 0; k <= j; ++k) {
      const double covariance = posterior.field().observed_covariance(group, k, moments);
      by_entry[j * n + k] += posterior.prior().noise_precision(group) *
                             (covariance - weighted_total(observed, posterior.solution().residuals[group],
                                                          posterior.solution().states.by_process[group][k]));
      observed_variance += posterior.prior().lower(j, k) * covariance;
    }
    if (observed.is_gaussian()) {
      gradient[layout.likelihood(group)[0]] += noise_gradient(posterior, group, observed_variance);
    }
  }
  add_lambda_gradient(layout, posterior.prior().coregionalisation(), by_entry, gradient);
  add_random_effect_gradient(posterior, gradient);
  if (predictor_moments) add_mode_gradient(posterior, predictor_moments->take(), gradient);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] -= log_prior(prepared.model().priors[i], posterior.prior().theta()[i]).slope;
  }
  require_finite(gradient, "gradient", posterior.prior().theta());
  return gradient;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "inference/posterior.hpp"
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
std::array<double, max_field_parameters> field_gradient(const Posterior& posterior, std::size_t process,
                                                        CovarianceMoments& moments) {
  const auto& prior = posterior.priors()[process];
  auto& by_mode = moments.by_mode[process];
  prior.add_moments(posterior.states().spectral, process * prior.num_modes(), by_mode);
  // Posterior minus prior mode by mode: for stiff modes the two agree to many digits and must cancel before they are
  // summed.
  const auto prior_moments = prior.prior_moments();
  for (std::size_t i = 0; i < by_mode.size(); ++i) by_mode[i] -= prior_moments[i];
  auto gradient = prior.contract(by_mode);
  for (std::size_t r = 0; r < prior.terms().size(); ++r) {
    for (std::size_t p = 0; p < num_spatial_powers; ++p) {
      for (std::size_t i = 0; i < max_field_parameters; ++i) {
        gradient[i] += 0.5 * prior.coefficients()[r][p].derivative[i] * moments.by_power[process][r][p];
      }
    }
  }
  return gradient;
}

}  // namespace

std::vector<double> objective_gradient(const Posterior& posterior, const CovarianceVisitor& also_visit,
                                       SelectedInverseSummary* summary) {
  const auto& prepared = posterior.prepared();
  const auto& layout = prepared.layout();
  const std::size_t n = prepared.num_processes();
  auto moments = posterior.precision().empty_moments();
  const auto ran = posterior.for_each_covariance([&](const CovarianceGroup& group) {
    posterior.precision().add_moments(prepared.backend(), group, moments);
    if (also_visit) also_visit(group);
  });
  if (summary != nullptr) *summary = ran;

  std::vector<double> gradient(layout.size(), 0.0);
  for (std::size_t process = 0; process < n; ++process) {
    const auto share = field_gradient(posterior, process, moments);
    for (std::size_t i = 0; i < layout.field(process).size(); ++i) gradient[layout.field(process)[i]] += share[i];
  }
  std::vector<double> by_entry(n * n, 0.0);
  for (std::size_t j = 0; j < n; ++j) {
    const auto& observations = prepared.observations()[j];
    const auto& residual = posterior.residuals()[j];
    const double tau = posterior.noise_precision(j);
    double squares = weighted_total(observations, residual, residual);
    for (std::size_t k = 0; k <= j; ++k) {
      double covariance = 0.0;
      for (std::size_t l = 0; l <= j; ++l) covariance += posterior.lower(j, l) * moments.observed[j][k * n + l];
      by_entry[j * n + k] =
          tau * (covariance - weighted_total(observations, residual, posterior.states().by_process[j][k]));
      squares += posterior.lower(j, k) * covariance;
    }
    gradient[layout.noise(j)] += 0.5 * (tau * squares - static_cast<double>(observations.num_observations()));
  }
  add_lambda_gradient(layout, posterior.coregionalisation(), by_entry, gradient);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] -= log_prior(prepared.model().priors[i], posterior.theta()[i]).slope;
  }
  return gradient;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "model/spectral_precision.hpp"

#include <utility>

namespace tramontana {
SpectralPrecision::SpectralPrecision(JointTerms terms) : JointPrecision(std::move(terms)) { build_couplings(); }

Coupling SpectralPrecision::make_coupling(std::size_t step) const {
  DiagonalCoupling coupling;
  coupling.values.reserve(block_size());
  for (const auto& prior : *terms_.priors) {
    for (std::size_t mode = 0; mode < num_nodes_; ++mode) coupling.values.push_back(prior.off_diagonal(step, mode));
  }
  return coupling;
}

void SpectralPrecision::add_prior(std::size_t step, BlockTerms& terms) const {
  terms.diagonal.reserve(block_size());
  for (const auto& prior : *terms_.priors) {
    for (std::size_t mode = 0; mode < num_nodes_; ++mode) terms.diagonal.push_back(prior.diagonal(step, mode));
  }
}

void SpectralPrecision::add_moments(const Backend& backend, const StepCovariance& group,
                                    CovarianceMoments& moments) const {
  const auto count = static_cast<double>(group.steps.size());
  const std::size_t step = group.steps.front();
  const auto& temporal = terms_.priors->front().terms();
  const auto variances = backend.blocks().diagonal(group.covariance);
  for (std::size_t process = 0; process < num_processes_; ++process) {
    for (std::size_t r = 0; r < temporal.size(); ++r) {
      const double diagonal = count * temporal[r].diagonal[step];
      double* target = moments.by_mode[process].data() + r * num_nodes_;
      for (std::size_t mode = 0; mode < num_nodes_; ++mode) {
        target[mode] += diagonal * variances[process * num_nodes_ + mode];
      }
    }
  }
  for (const auto& link : group.links) {
    // diag Sigma_{t,t-1} = -(Sigma o P) diag(C): no product of matrices is needed.
    std::vector<double> cross(block_size(), 0.0);
    backend.blocks().add_diagonal_of_product(link.covariance, std::get<DiagonalCoupling>(*link.coupling).values,
                                             link.previous_inverse, cross);
    for (std::size_t process = 0; process < num_processes_; ++process) {
      for (std::size_t r = 0; r < temporal.size(); ++r) {
        const double off = -2.0 * link.count * temporal[r].off_diagonal[link.step - 1];
        double* target = moments.by_mode[process].data() + r * num_nodes_;
        for (std::size_t mode = 0; mode < num_nodes_; ++mode) target[mode] += off * cross[process * num_nodes_ + mode];
      }
    }
  }
  add_observed_moments(backend, group, moments);
}

}  // namespace tramontana

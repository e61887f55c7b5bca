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
  for (std::size_t index = 0; index < terms_.observations->size(); ++index) {
    const auto& observations = (*terms_.observations)[index];
    const int pattern = observations.pattern_of(step);
    if (pattern < 0) continue;
    const std::size_t response = observations.process();
    auto& observed = moments.observed[index];
    for (std::size_t l = 0; l <= response; ++l) {
      for (std::size_t k = l; k <= response; ++k) {
        const auto block = group.covariance.block(k * num_nodes_, l * num_nodes_, num_nodes_, num_nodes_);
        const double value = count * backend.blocks().inner_product(observations.pattern(pattern).spectral(), block,
                                                                    k == l ? Symmetry::symmetric : Symmetry::general);
        observed[k * num_processes_ + l] += value;
        if (k != l) observed[l * num_processes_ + k] += value;
      }
    }
  }
}

}  // namespace tramontana

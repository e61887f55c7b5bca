// SPDX-License-Identifier: Apache-2.0
#include "model/spectral_precision.hpp"

#include <utility>

namespace tramontana {
namespace {

/** <H, Sigma block> with H symmetric; `lower_only` when the block is a diagonal one, of which one triangle is stored.
 */
double inner_product(ConstMatrixView h, ConstMatrixView block, bool lower_only) {
  double total = 0.0;
  for (std::size_t j = 0; j < block.columns; ++j) {
    const double* left = h.column(j);
    const double* right = block.column(j);
    double sum = 0.0;
    if (lower_only) {
      for (std::size_t i = j + 1; i < block.rows; ++i) sum += left[i] * right[i];
      sum = 2.0 * sum + left[j] * right[j];
    } else {
      for (std::size_t i = 0; i < block.rows; ++i) sum += left[i] * right[i];
    }
    total += sum;
  }
  return total;
}

}  // namespace

SpectralPrecision::SpectralPrecision(JointTerms terms) : JointPrecision(std::move(terms)) { build_couplings(); }

Coupling SpectralPrecision::make_coupling(std::size_t step) const {
  DiagonalCoupling coupling;
  coupling.values.reserve(block_size());
  for (const auto& prior : *terms_.priors) {
    for (std::size_t mode = 0; mode < num_nodes_; ++mode) coupling.values.push_back(prior.off_diagonal(step, mode));
  }
  return coupling;
}

void SpectralPrecision::add_prior(std::size_t step, MatrixView out) const {
  for (std::size_t process = 0; process < num_processes_; ++process) {
    for (std::size_t mode = 0; mode < num_nodes_; ++mode) {
      const std::size_t i = process * num_nodes_ + mode;
      out(i, i) += (*terms_.priors)[process].diagonal(step, mode);
    }
  }
}

void SpectralPrecision::add_pattern(double coefficient, const ObservationPattern& pattern, MatrixView out,
                                    bool lower_only) const {
  for (std::size_t j = 0; j < num_nodes_; ++j) {
    const double* source = pattern.spectral().view().column(j);
    double* target = out.column(j);
    for (std::size_t i = lower_only ? j : 0; i < num_nodes_; ++i) target[i] += coefficient * source[i];
  }
}

void SpectralPrecision::add_moments(const Backend& backend, const StepCovariance& group,
                                    CovarianceMoments& moments) const {
  const auto count = static_cast<double>(group.steps.size());
  const std::size_t step = group.steps.front();
  const auto& temporal = terms_.priors->front().terms();
  for (std::size_t process = 0; process < num_processes_; ++process) {
    for (std::size_t r = 0; r < temporal.size(); ++r) {
      const double diagonal = count * temporal[r].diagonal[step];
      double* target = moments.by_mode[process].data() + r * num_nodes_;
      for (std::size_t mode = 0; mode < num_nodes_; ++mode) {
        const std::size_t i = process * num_nodes_ + mode;
        target[mode] += diagonal * group.covariance(i, i);
      }
    }
  }
  for (const auto& link : group.links) {
    // diag Sigma_{t,t-1} = -(Sigma o P) diag(C): no product of matrices is needed.
    std::vector<double> cross(block_size(), 0.0);
    backend.add_diagonal_of_product(link.covariance, std::get<DiagonalCoupling>(*link.coupling).values,
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
        const double value = count * inner_product(observations.pattern(pattern).spectral().view(), block, k == l);
        observed[k * num_processes_ + l] += value;
        if (k != l) observed[l * num_processes_ + k] += value;
      }
    }
  }
}

}  // namespace tramontana

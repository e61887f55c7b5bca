// SPDX-License-Identifier: Apache-2.0
#include "model/nodal_precision.hpp"

#include <utility>

#include "matrix/csr_operations.hpp"

namespace tramontana {
NodalPrecision::NodalPrecision(JointTerms terms, const CsrMatrix& g1, std::span<const double> c0,
                               const Backend& backend)
    : JointPrecision(std::move(terms)), backend_(backend) {
  std::vector<double> inverse_mass(c0.size());
  for (std::size_t i = 0; i < c0.size(); ++i) inverse_mass[i] = 1.0 / c0[i];
  powers_[0] = diagonal_matrix(c0);
  powers_[1] = g1;
  powers_[2] = scaled_product(g1, inverse_mass, g1);
  powers_[3] = scaled_product(g1, inverse_mass, powers_[2]);
  for (std::size_t p = 0; p < num_spatial_powers; ++p) power_blocks_[p] = backend.blocks().upload(powers_[p]);
  build_couplings();
}

Coupling NodalPrecision::make_coupling(std::size_t step) const {
  CsrMatrix joint;
  joint.num_rows = joint.num_columns = static_cast<std::int32_t>(block_size());
  joint.row_pointers.push_back(0);
  const std::array<const CsrMatrix*, num_spatial_powers> terms{&powers_[0], &powers_[1], &powers_[2], &powers_[3]};
  for (std::size_t process = 0; process < num_processes_; ++process) {
    const auto& prior = (*terms_.priors)[process];
    std::array<double, num_spatial_powers> weights{};
    std::size_t used = 0;
    for (std::size_t p = 0; p < num_spatial_powers; ++p) {
      for (std::size_t r = 0; r < prior.terms().size(); ++r) {
        weights[p] += prior.terms()[r].off_diagonal[step] * prior.polynomials()[r][p].value;
      }
      if (weights[p] != 0.0) used = p + 1;
    }
    const auto block = linear_combination(std::span(terms).first(used), std::span(weights).first(used));
    const auto shift = static_cast<std::int32_t>(process * num_nodes_);
    for (std::int32_t row = 0; row < block.num_rows; ++row) {
      for (auto p = block.row_pointers[row]; p < block.row_pointers[row + 1]; ++p) {
        joint.column_indices.push_back(block.column_indices[p] + shift);
        joint.values.push_back(block.values[p]);
      }
      joint.row_pointers.push_back(static_cast<std::int32_t>(joint.values.size()));
    }
  }
  auto block = backend_.blocks().upload(joint);
  return SparseCoupling{std::move(joint), std::move(block)};
}

bool NodalPrecision::couples(std::size_t process, std::size_t power, std::size_t step) const {
  const auto& prior = (*terms_.priors)[process];
  for (std::size_t r = 0; r < prior.terms().size(); ++r) {
    if (prior.terms()[r].off_diagonal[step] != 0.0 && prior.polynomials()[r][power].value != 0.0) return true;
  }
  return false;
}

void NodalPrecision::add_prior(std::size_t step, BlockTerms& terms) const {
  for (std::size_t process = 0; process < num_processes_; ++process) {
    const auto& prior = (*terms_.priors)[process];
    const std::size_t first = process * num_nodes_;
    for (std::size_t p = 0; p < num_spatial_powers; ++p) {
      double weight = 0.0;
      for (std::size_t r = 0; r < prior.terms().size(); ++r) {
        weight += prior.terms()[r].diagonal[step] * prior.polynomials()[r][p].value;
      }
      if (weight != 0.0) terms.patterns.push_back({weight, &power_blocks_[p], first, first});
    }
  }
}

void NodalPrecision::add_link_moments(const Backend& backend, const CovarianceLink& link,
                                      CovarianceMoments& moments) const {
  const auto& kernels = backend.blocks();
  const auto& temporal = terms_.priors->front().terms();
  // Sigma_{t,t-1} = -Sigma C P, only on the pattern of C.
  auto inverse = kernels.allocate(block_size(), block_size());
  kernels.copy(link.previous_inverse, inverse.view());
  kernels.mirror(inverse.view());
  auto coupled = kernels.allocate(block_size(), block_size());
  kernels.multiply(Transpose::no, 1.0, std::get<SparseCoupling>(*link.coupling).block, inverse.view(), 0.0,
                   coupled.view());
  for (std::size_t process = 0; process < num_processes_; ++process) {
    const std::size_t first = process * num_nodes_;
    for (std::size_t p = 0; p < num_spatial_powers; ++p) {
      if (!couples(process, p, link.step - 1)) continue;
      const double across =
          -kernels.inner_product_with_product(power_blocks_[p], first, link.covariance, coupled.view());
      for (std::size_t r = 0; r < temporal.size(); ++r) {
        moments.by_power[process][r][p] += 2.0 * link.count * temporal[r].off_diagonal[link.step - 1] * across;
      }
    }
  }
}

void NodalPrecision::add_moments(const Backend& backend, const StepCovariance& group,
                                 CovarianceMoments& moments) const {
  const auto count = static_cast<double>(group.steps.size());
  const std::size_t step = group.steps.front();
  const auto& temporal = terms_.priors->front().terms();
  for (std::size_t process = 0; process < num_processes_; ++process) {
    const std::size_t first = process * num_nodes_;
    for (std::size_t p = 0; p < num_spatial_powers; ++p) {
      const double within = backend.blocks().inner_product(
          power_blocks_[p], group.covariance.block(first, first, num_nodes_, num_nodes_), Symmetry::symmetric);
      for (std::size_t r = 0; r < temporal.size(); ++r) {
        moments.by_power[process][r][p] += count * temporal[r].diagonal[step] * within;
      }
    }
  }
  for (const auto& link : group.links) add_link_moments(backend, link, moments);
  add_observed_moments(backend, group, moments);
}

}  // namespace tramontana

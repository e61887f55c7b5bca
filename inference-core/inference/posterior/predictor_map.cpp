// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/predictor_map.hpp"

namespace tramontana {

ProjectedFields PredictorMap::project(BlockVector spectral) const {
  const auto& prepared = prior_.prepared();
  const auto nodal = prepared.basis().to_nodal(prepared.backend(), spectral);
  ProjectedFields fields{std::move(spectral), {}};
  fields.by_process.resize(observations_.size());
  for (std::size_t group = 0; group < observations_.size(); ++group) {
    for (std::size_t k = 0; k <= observations_[group].process(); ++k) {
      fields.by_process[group].push_back(observations_[group].project(nodal, k * prepared.num_nodes()));
    }
  }
  return fields;
}

DenseMatrix PredictorMap::predictor(const ProjectedFields& fields, std::size_t group) const {
  const auto& by_process = fields.by_process[group];
  auto result = DenseMatrix::zero(by_process[0].rows(), by_process[0].columns());
  const std::size_t count = result.rows() * result.columns();
  for (std::size_t k = 0; k < by_process.size(); ++k) {
    const double weight = prior_.lower(observations_[group].process(), k);
    for (std::size_t i = 0; i < count; ++i) result.data()[i] += weight * by_process[k].data()[i];
  }
  return result;
}

std::vector<DenseMatrix> PredictorMap::predictors(const ProjectedFields& fields) const {
  std::vector<DenseMatrix> result;
  for (std::size_t group = 0; group < observations_.size(); ++group) result.push_back(predictor(fields, group));
  return result;
}

BlockVector PredictorMap::transposed(const std::vector<DenseMatrix>& w) const {
  const auto& prepared = prior_.prepared();
  BlockVector nodal(prepared.num_steps(), prepared.block_size(), w[0].columns());
  for (std::size_t group = 0; group < observations_.size(); ++group) {
    const auto& observed = observations_[group];
    DenseMatrix weighted = w[group];
    for (std::size_t column = 0; column < weighted.columns(); ++column) {
      for (std::size_t i = 0; i < weighted.rows(); ++i) weighted(i, column) *= observed.weights()[i];
    }
    for (std::size_t k = 0; k <= observed.process(); ++k) {
      observed.add_transposed_projection(prior_.noise_precision(group) * prior_.lower(observed.process(), k),
                                         std::as_const(weighted).view(), nodal, k * prepared.num_nodes());
    }
  }
  return prepared.basis().dual_to_spectral(prepared.backend(), nodal);
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <utility>

#include "inference/latent_summaries.hpp"
#include "inference/posterior.hpp"
#include "inference/validation.hpp"
#include "matrix/block_memory.hpp"

namespace tramontana {
namespace {

void check_design(const PreparedModel& model, const PredictionDesign& design, std::size_t index) {
  const auto name = "designs[" + std::to_string(index) + "]";
  if (design.process < 0 || static_cast<std::size_t>(design.process) >= model.num_processes()) {
    throw InvalidModel(name + ".process must lie in 0.." + std::to_string(model.num_processes() - 1) + ", found " +
                           std::to_string(design.process) + ".",
                       {{"field", name + ".process"}});
  }
  for (const auto step : design.time_indices) {
    if (step < 0 || static_cast<std::size_t>(step) >= model.num_steps()) {
      throw InvalidModel(name + ".timeIndices must lie in 0.." + std::to_string(model.num_steps() - 1) + ", found " +
                             std::to_string(step) + ".",
                         {{"field", name + ".timeIndices"}});
    }
  }
  validate_projector(design.projector, name + ".projector", design.projector.num_rows,
                     static_cast<std::int64_t>(model.num_nodes()));
  const auto expected = static_cast<std::size_t>(design.projector.num_rows) *
                        model.border().columns(static_cast<std::size_t>(design.process)).total();
  if (design.covariates.size() != expected) {
    throw InvalidModel(name + ".covariates must have length " + std::to_string(expected) +
                           " (rows times covariates of the process), found " +
                           std::to_string(design.covariates.size()) + ".",
                       {{"field", name + ".covariates"}});
  }
}

/** Mean and border part of the variance: one sparse product a state column. */
void add_states(const Posterior& posterior, const PredictionDesign& design, const BlockVector& states,
                PredictionMoments& moments) {
  const auto& model = posterior.prepared();
  const auto process = static_cast<std::size_t>(design.process);
  const std::size_t num_covariates = model.border().columns(process).total();
  const std::size_t offset = model.fixed_effect_offset(process);
  const auto num_rows = static_cast<std::size_t>(design.projector.num_rows);
  const auto& effects = posterior.state_fixed_effects();
  for (std::size_t t = 0; t < design.time_indices.size(); ++t) {
    const auto block = states.block(static_cast<std::size_t>(design.time_indices[t]));
    for (std::size_t column = 0; column < states.num_columns(); ++column) {
      const double* field = block.column(column);
      for (std::size_t row = 0; row < num_rows; ++row) {
        double value = 0.0;
        for (auto p = design.projector.row_pointers[row]; p < design.projector.row_pointers[row + 1]; ++p) {
          value += design.projector.values[p] * field[design.projector.column_indices[p]];
        }
        for (std::size_t c = 0; c < num_covariates; ++c) {
          value += design.covariates[row * num_covariates + c] * effects(offset + c, column);
        }
        if (column == 0) {
          moments.mean[t * num_rows + row] = value;
        } else {
          moments.variance[t * num_rows + row] += value * value;
        }
      }
    }
  }
}

/** a' Sigma a for every row a of the projector; `covariance` holds the lower triangle. */
std::vector<double> row_variances(const CsrMatrix& projector, const DenseMatrix& covariance) {
  std::vector<double> variances(static_cast<std::size_t>(projector.num_rows), 0.0);
  for (std::int32_t row = 0; row < projector.num_rows; ++row) {
    double sum = 0.0;
    for (auto p = projector.row_pointers[row]; p < projector.row_pointers[row + 1]; ++p) {
      const auto i = static_cast<std::size_t>(projector.column_indices[p]);
      double inner = 0.0;
      for (auto q = projector.row_pointers[row]; q < p; ++q) {
        const auto j = static_cast<std::size_t>(projector.column_indices[q]);
        inner += projector.values[q] * (i >= j ? covariance(i, j) : covariance(j, i));
      }
      sum += projector.values[p] * (2.0 * inner + projector.values[p] * covariance(i, i));
    }
    variances[static_cast<std::size_t>(row)] = sum;
  }
  return variances;
}

}  // namespace

std::vector<PredictionMoments> predict(const PreparedModel& model, std::span<const double> theta,
                                       std::span<const PredictionDesign> designs, const EvaluationOptions& options,
                                       const CancellationToken* cancellation) {
  const KeepBlocks keep_blocks;
  for (std::size_t i = 0; i < designs.size(); ++i) check_design(model, designs[i], i);
  const Posterior posterior(model, theta, options, cancellation);
  std::vector<PredictionMoments> result;
  std::map<std::int32_t, BlockVector> states_of_process;
  for (const auto& design : designs) {
    const auto count = design.time_indices.size() * static_cast<std::size_t>(design.projector.num_rows);
    result.push_back({std::vector<double>(count, 0.0), std::vector<double>(count, 0.0)});
    auto states = states_of_process.find(design.process);
    if (states == states_of_process.end()) {
      states = states_of_process
                   .emplace(design.process, response_states(posterior, static_cast<std::size_t>(design.process)))
                   .first;
    }
    add_states(posterior, design, states->second, result.back());
  }
  posterior.for_each_covariance([&](const CovarianceGroup& group) {
    std::map<std::int32_t, DenseMatrix> nodal_of_process;
    for (std::size_t i = 0; i < designs.size(); ++i) {
      const auto& design = designs[i];
      std::vector<double> variances;
      const auto num_rows = static_cast<std::size_t>(design.projector.num_rows);
      for (std::size_t t = 0; t < design.time_indices.size(); ++t) {
        const auto step = static_cast<std::size_t>(design.time_indices[t]);
        if (std::find(group.steps.begin(), group.steps.end(), step) == group.steps.end()) continue;
        if (variances.empty()) {
          auto nodal = nodal_of_process.find(design.process);
          if (nodal == nodal_of_process.end()) {
            nodal = nodal_of_process
                        .emplace(design.process,
                                 posterior.precision().nodal_covariance(model.backend(), group.covariance,
                                                                        static_cast<std::size_t>(design.process)))
                        .first;
          }
          variances = row_variances(design.projector, nodal->second);
        }
        for (std::size_t row = 0; row < num_rows; ++row) result[i].variance[t * num_rows + row] += variances[row];
      }
    }
  });
  return result;
}

}  // namespace tramontana

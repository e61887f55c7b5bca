// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/design_moments.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "inference/posterior/latent_summaries.hpp"
#include "inference/posterior/validation.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {

void check_designs(const PreparedModel& model, std::span<const PredictionDesign> designs) {
  for (std::size_t index = 0; index < designs.size(); ++index) {
    const auto& design = designs[index];
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
    validate_finite(design.covariates, name + ".covariates");
  }
}

DenseMatrix design_values(const PreparedModel& model, const PredictionDesign& design, const BlockVector& fields,
                          const DenseMatrix& effects) {
  const auto process = static_cast<std::size_t>(design.process);
  const auto num_rows = static_cast<std::size_t>(design.projector.num_rows);
  const std::size_t num_covariates = model.border().columns(process).total();
  const std::size_t offset = model.fixed_effect_offset(process);
  DenseMatrix values(design.time_indices.size() * num_rows, fields.num_columns());
  for (std::size_t column = 0; column < fields.num_columns(); ++column) {
    for (std::size_t t = 0; t < design.time_indices.size(); ++t) {
      const double* field = fields.block(static_cast<std::size_t>(design.time_indices[t])).column(column);
      for (std::size_t row = 0; row < num_rows; ++row) {
        double value = 0.0;
        for (auto p = design.projector.row_pointers[row]; p < design.projector.row_pointers[row + 1]; ++p) {
          value += design.projector.values[p] * field[design.projector.column_indices[p]];
        }
        for (std::size_t c = 0; c < num_covariates; ++c) {
          value += design.covariates[row * num_covariates + c] * effects(offset + c, column);
        }
        values(t * num_rows + row, column) = value;
      }
    }
  }
  return values;
}

DesignMoments::DesignMoments(const GaussianConditional& posterior, std::span<const PredictionDesign> designs)
    : designs_(designs), visitors_(posterior.visitors()) {
  std::map<std::int32_t, BlockVector> states_of_process;
  for (const auto& design : designs) {
    auto states = states_of_process.find(design.process);
    if (states == states_of_process.end()) {
      states = states_of_process
                   .emplace(design.process, response_states(posterior, static_cast<std::size_t>(design.process)))
                   .first;
    }
    // Column 0 is the mean, the others are the border part of the covariance.
    const auto values = design_values(posterior.prepared(), design, states->second, posterior.solution().state_effects);
    PredictionMoments moments{std::vector<double>(values.data(), values.data() + values.rows()),
                              std::vector<double>(values.rows(), 0.0)};
    // What all ranks know alike is counted once.
    const std::size_t last = visitors_.is_root() ? values.columns() : 1;
    for (std::size_t column = 1; column < last; ++column) {
      for (std::size_t i = 0; i < values.rows(); ++i) moments.variance[i] += values(i, column) * values(i, column);
    }
    moments_.push_back(std::move(moments));
  }
}

std::vector<PredictionMoments> DesignMoments::take() {
  for (auto& moments : moments_) visitors_.sum(moments.variance);
  return std::move(moments_);
}

void DesignMoments::visit(StepVariances& step_variances) {
  const auto& group = step_variances.group();
  for (std::size_t i = 0; i < designs_.size(); ++i) {
    const auto& design = designs_[i];
    const auto num_rows = static_cast<std::size_t>(design.projector.num_rows);
    std::vector<double> variances;
    for (std::size_t t = 0; t < design.time_indices.size(); ++t) {
      const auto step = static_cast<std::size_t>(design.time_indices[t]);
      if (std::find(group.steps.begin(), group.steps.end(), step) == group.steps.end()) continue;
      if (variances.empty()) {
        variances = step_variances.rows(static_cast<std::size_t>(design.process), design.projector);
      }
      for (std::size_t row = 0; row < num_rows; ++row) moments_[i].variance[t * num_rows + row] += variances[row];
    }
  }
}

}  // namespace tramontana

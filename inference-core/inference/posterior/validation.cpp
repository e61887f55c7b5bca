// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/validation.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <string_view>

#include "matrix/dense.hpp"
#include "model/likelihood.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& expectation, const std::string& found,
                       Facts facts = {}) {
  facts.emplace_back("field", what);
  throw InvalidModel(what + " must " + expectation + ", found " + found + ".", std::move(facts));
}

void check_length(const std::string& what, std::size_t found, std::int64_t expected) {
  if (static_cast<std::int64_t>(found) != expected) {
    fail(what, "have length " + std::to_string(expected), std::to_string(found),
         {{"expected", expected}, {"found", static_cast<std::int64_t>(found)}});
  }
}

void check_positive(const std::string& what, std::span<const double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(values[i] > 0.0) || !std::isfinite(values[i])) {
      fail(what, "be positive and finite", std::to_string(values[i]) + " at index " + std::to_string(i),
           {{"index", static_cast<std::int64_t>(i)}, {"value", values[i]}});
    }
  }
}

void check_prior(const ThetaPrior& prior, std::size_t index) {
  const auto name = "priors[" + std::to_string(index) + "]";
  if (prior.kind == ThetaPrior::Kind::gaussian) {
    validate_finite(std::span(&prior.mean, 1), name + ".mean");
    if (!(prior.precision >= 0.0) || !std::isfinite(prior.precision)) {
      fail(name + ".precision", "be non-negative and finite", std::to_string(prior.precision));
    }
  } else if (prior.kind == ThetaPrior::Kind::fixed) {
    validate_finite(std::span(&prior.mean, 1), name + ".mean");
  } else if (prior.kind == ThetaPrior::Kind::log_gamma) {
    check_positive(name + ".shape", std::span(&prior.shape, 1));
    check_positive(name + ".rate", std::span(&prior.rate, 1));
  } else {
    check_positive(name + ".lambda", std::span(&prior.lambda, 1));
  }
}

void check_temporal(const EngineModel& model) {
  if (model.kind == ModelKind::spatial) {
    if (model.num_time_steps != 1)
      fail("numTimeSteps", "be 1 for a spatial model", std::to_string(model.num_time_steps));
    return;
  }
  if (model.kind == ModelKind::separable || model.kind == ModelKind::exact_diffusion) return;
  if (!model.temporal) fail("temporal", "be given for a spatio-temporal model", "nothing");
  const std::int64_t steps = model.num_time_steps;
  check_length("temporal.m0", model.temporal->m0.size(), steps);
  check_length("temporal.m1", model.temporal->m1.size(), steps);
  check_length("temporal.m2Diagonal", model.temporal->m2_diagonal.size(), steps);
  check_length("temporal.m2OffDiagonal", model.temporal->m2_off_diagonal.size(), steps - 1);
  check_positive("temporal.m0", model.temporal->m0);
  validate_finite(model.temporal->m1, "temporal.m1");
  validate_finite(model.temporal->m2_diagonal, "temporal.m2Diagonal");
  validate_finite(model.temporal->m2_off_diagonal, "temporal.m2OffDiagonal");
}

void check_likelihood(const ObservationGroup& group, const std::string& name) {
  const bool has_transform = group.transform != ResponseTransform::identity;
  const bool is_real = group.likelihood == Likelihood::gaussian || group.likelihood == Likelihood::student_t;
  if (has_transform && !is_real)
    fail(name + ".transform", "be identity unless the likelihood is real-valued", "another");
  if (has_transform) check_positive(name + ".y (of a transformed response)", group.y);
  const bool is_count = group.likelihood == Likelihood::poisson || group.likelihood == Likelihood::binomial;
  if (is_count && !group.weights.empty()) fail(name + ".weights", "be empty for counts", "weights");
  if (!is_count && !group.exposure.empty()) {
    fail(name + ".exposure", "be empty unless the observations are counts", "exposures");
  }
  if (!group.exposure.empty()) {
    check_length(name + ".exposure", group.exposure.size(), static_cast<std::int64_t>(group.y.size()));
    check_positive(name + ".exposure", group.exposure);
  }
  for (std::size_t i = 0; i < group.y.size(); ++i) {
    const Datum datum{group.y[i], 1.0, group.exposure.empty() ? 1.0 : group.exposure[i]};
    const auto complaint = likelihood_model(group.likelihood).complaint(datum);
    if (!complaint.empty()) {
      fail(name + ".y", complaint, std::to_string(group.y[i]) + " at index " + std::to_string(i),
           {{"index", static_cast<std::int64_t>(i)}, {"value", group.y[i]}});
    }
  }
}

void check_effect_levels(const EngineModel& model, const ObservationGroup& group, const std::string& name) {
  std::vector<std::int32_t> num_levels;
  for (const auto& effect : model.random_effects) {
    if (effect.process == group.process) num_levels.push_back(effect.num_levels);
  }
  check_length(name + ".effectLevels (one a random effect of the process)", group.effect_levels.size(),
               static_cast<std::int64_t>(num_levels.size()));
  for (std::size_t e = 0; e < num_levels.size(); ++e) {
    const auto field = name + ".effectLevels[" + std::to_string(e) + "]";
    check_length(field, group.effect_levels[e].size(), static_cast<std::int64_t>(group.y.size()));
    for (const auto level : group.effect_levels[e]) {
      if (level < -1 || level >= num_levels[e]) {
        fail(field, "lie in -1.." + std::to_string(num_levels[e] - 1), std::to_string(level));
      }
    }
  }
}

/** Processes are numbered without gaps; the groups of one share its fixed effects. */
void check_processes(const EngineModel& model) {
  std::map<std::int32_t, std::int32_t> num_covariates;
  for (std::size_t i = 0; i < model.observations.size(); ++i) {
    const auto& group = model.observations[i];
    const auto name = "observations[" + std::to_string(i) + "]";
    if (group.process < 0) fail(name + ".process", "be at least 0", std::to_string(group.process));
    const auto known = num_covariates.emplace(group.process, group.num_covariates).first->second;
    if (known != group.num_covariates) {
      fail(name + ".numCovariates", "be that of the other groups of its process, " + std::to_string(known),
           std::to_string(group.num_covariates));
    }
  }
  const auto last = num_covariates.rbegin()->first;
  if (static_cast<std::size_t>(last) + 1 != num_covariates.size()) {
    fail("observations", "observe every process from 0 to " + std::to_string(last),
         std::to_string(num_covariates.size()) + " processes");
  }
  for (std::size_t e = 0; e < model.random_effects.size(); ++e) {
    const auto& effect = model.random_effects[e];
    const auto name = "randomEffects[" + std::to_string(e) + "]";
    if (effect.process < 0 || effect.process > last) {
      fail(name + ".process", "lie in 0.." + std::to_string(last), std::to_string(effect.process));
    }
    const std::int32_t least = effect.structure == RandomEffect::Structure::cyclic_walk ? 3 : 1;
    if (effect.num_levels < least) {
      fail(name + ".numLevels", "be at least " + std::to_string(least), std::to_string(effect.num_levels));
    }
  }
}

void check_group(const EngineModel& model, std::size_t index) {
  const auto& group = model.observations[index];
  const std::int64_t num_steps = model.num_time_steps;
  const auto num_nodes = static_cast<std::int64_t>(model.c0.size());
  const auto name = "observations[" + std::to_string(index) + "]";
  const auto count = static_cast<std::int64_t>(group.y.size());
  validate_finite(group.y, name + ".y");
  check_length(name + ".timeIndex", group.time_index.size(), count);
  for (std::size_t i = 0; i < group.time_index.size(); ++i) {
    if (group.time_index[i] < 0 || group.time_index[i] >= num_steps) {
      fail(name + ".timeIndex", "lie in 0.." + std::to_string(num_steps - 1),
           std::to_string(group.time_index[i]) + " at index " + std::to_string(i),
           {{"index", static_cast<std::int64_t>(i)}, {"value", static_cast<std::int64_t>(group.time_index[i])}});
    }
  }
  validate_projector(group.projector, name + ".projector", count, num_nodes);
  if (group.num_covariates < 0) fail(name + ".numCovariates", "be at least 0", std::to_string(group.num_covariates));
  check_length(name + ".covariates", group.covariates.size(), count * group.num_covariates);
  validate_finite(group.covariates, name + ".covariates");
  if (!group.weights.empty()) {
    check_length(name + ".weights", group.weights.size(), count);
    check_positive(name + ".weights", group.weights);
  }
  check_likelihood(group, name);
  check_effect_levels(model, group, name);
}

}  // namespace

void validate_finite(std::span<const double> values, const std::string& name) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      fail(name, "be finite", std::to_string(values[i]) + " at index " + std::to_string(i),
           {{"index", static_cast<std::int64_t>(i)}});
    }
  }
}

void validate_csr(const CsrMatrix& matrix, const std::string& name, std::int64_t num_rows, std::int64_t num_columns) {
  if (matrix.num_rows != num_rows || matrix.num_columns != num_columns) {
    fail(name, "be " + std::to_string(num_rows) + " x " + std::to_string(num_columns),
         std::to_string(matrix.num_rows) + " x " + std::to_string(matrix.num_columns));
  }
  check_length(name + ".rowPointers", matrix.row_pointers.size(), num_rows + 1);
  check_length(name + ".columnIndices", matrix.column_indices.size(), static_cast<std::int64_t>(matrix.values.size()));
  if (matrix.row_pointers.front() != 0)
    fail(name + ".rowPointers", "start at 0", std::to_string(matrix.row_pointers[0]));
  for (std::size_t row = 1; row < matrix.row_pointers.size(); ++row) {
    if (matrix.row_pointers[row] < matrix.row_pointers[row - 1]) {
      fail(name + ".rowPointers", "not decrease", "a decrease at row " + std::to_string(row));
    }
  }
  if (static_cast<std::size_t>(matrix.row_pointers.back()) != matrix.values.size()) {
    fail(name + ".rowPointers", "end at the number of values, " + std::to_string(matrix.values.size()),
         std::to_string(matrix.row_pointers.back()));
  }
  for (std::size_t i = 0; i < matrix.column_indices.size(); ++i) {
    if (matrix.column_indices[i] < 0 || matrix.column_indices[i] >= num_columns) {
      fail(name + ".columnIndices", "lie in 0.." + std::to_string(num_columns - 1),
           std::to_string(matrix.column_indices[i]) + " at index " + std::to_string(i),
           {{"index", static_cast<std::int64_t>(i)}});
    }
  }
  validate_finite(matrix.values, name + ".values");
}

void validate_projector(const CsrMatrix& matrix, const std::string& name, std::int64_t num_rows,
                        std::int64_t num_columns) {
  validate_csr(matrix, name, num_rows, num_columns);
  for (std::size_t row = 0; row + 1 < matrix.row_pointers.size(); ++row) {
    bool has_weight = false;
    for (auto p = matrix.row_pointers[row]; p < matrix.row_pointers[row + 1]; ++p)
      has_weight |= matrix.values[p] != 0.0;
    if (!has_weight) {
      fail(name, "weigh at least one node in every row", "none in row " + std::to_string(row) + " (outside the mesh?)",
           {{"row", static_cast<std::int64_t>(row)}});
    }
  }
}

void validate_mesh(std::span<const double> c0, const CsrMatrix& g1) {
  if (c0.empty()) fail("c0", "have at least one node", "none");
  check_positive("c0", c0);
  const auto num_nodes = static_cast<std::int64_t>(c0.size());
  validate_csr(g1, "g1", num_nodes, num_nodes);
  auto dense = DenseMatrix::zero(c0.size(), c0.size());
  double scale = 0.0;
  for (std::size_t row = 0; row < c0.size(); ++row) {
    for (auto p = g1.row_pointers[row]; p < g1.row_pointers[row + 1]; ++p) {
      dense(row, static_cast<std::size_t>(g1.column_indices[p])) += g1.values[p];
      scale = std::max(scale, std::abs(g1.values[p]));
    }
  }
  // A sum of a few dozen rounded triangle contributions a node; anything larger is another matrix.
  const double tolerance = 1e-10 * scale;
  for (std::size_t j = 0; j < c0.size(); ++j) {
    for (std::size_t i = j + 1; i < c0.size(); ++i) {
      if (std::abs(dense(i, j) - dense(j, i)) > tolerance) {
        fail("g1", "be symmetric",
             std::to_string(dense(i, j)) + " and " + std::to_string(dense(j, i)) + " at (" + std::to_string(i) + ", " +
                 std::to_string(j) + ")");
      }
    }
  }
}

void validate_model(const EngineModel& model) {
  if (model.num_time_steps < 1) fail("numTimeSteps", "be at least 1", std::to_string(model.num_time_steps));
  validate_mesh(model.c0, model.g1);
  const auto num_nodes = static_cast<std::int64_t>(model.c0.size());
  check_temporal(model);
  if (model.sphere_series_terms && *model.sphere_series_terms < 1) {
    fail("sphereSeriesTerms", "be at least 1", std::to_string(*model.sphere_series_terms));
  }
  if (model.spectral_basis) {
    check_length("spectralBasis.eigenvalues", model.spectral_basis->eigenvalues.size(), num_nodes);
    check_length("spectralBasis.eigenvectors", model.spectral_basis->eigenvectors.size(), num_nodes * num_nodes);
    validate_finite(model.spectral_basis->eigenvalues, "spectralBasis.eigenvalues");
    validate_finite(model.spectral_basis->eigenvectors, "spectralBasis.eigenvectors");
  }
  if (model.observations.empty()) fail("observations", "hold at least one group", "none");
  check_processes(model);
  std::size_t count = 0;
  for (std::size_t i = 0; i < model.observations.size(); ++i) {
    check_group(model, i);
    count += model.observations[i].y.size();
  }
  if (count == 0) fail("observations", "hold at least one observation", "0");
  const double fixed = model.fixed_effects_prior_precision;
  if (!(fixed > 0.0) || !std::isfinite(fixed)) {
    fail("fixedEffectsPriorPrecision", "be positive and finite", std::to_string(fixed));
  }
  for (std::size_t i = 0; i < model.priors.size(); ++i) check_prior(model.priors[i], i);
}

}  // namespace tramontana

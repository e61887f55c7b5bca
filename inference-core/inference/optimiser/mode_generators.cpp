// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/mode_generators.hpp"

#include <algorithm>
#include <utility>

namespace tramontana {
namespace {

/** Entry (a, b) of a temporal matrix, of steps that are the same or neighbours. */
double entry(const TemporalTerm& term, std::size_t a, std::size_t b) {
  return a == b ? term.diagonal[a] : term.off_diagonal[std::min(a, b)];
}

std::vector<double> unit(std::size_t size, std::size_t k) {
  std::vector<double> vector(size, 0.0);
  vector[k] = 1.0;
  return vector;
}

/** e_k' L. */
std::vector<double> row_of(const PriorAtTheta& prior, std::size_t k) {
  std::vector<double> row(prior.prepared().num_processes());
  for (std::size_t l = 0; l < row.size(); ++l) row[l] = prior.lower(k, l);
  return row;
}

}  // namespace

std::vector<double> uncoupling_matrix(const ThetaLayout& layout, std::span<const double> theta) {
  const std::size_t n = layout.num_processes();
  std::vector<double> inverse(n * n, 0.0);
  for (std::size_t k = 0; k < n; ++k) inverse[k * n + k] = 1.0;
  for (const auto& [target, source, index] : layout.lambdas()) inverse[target * n + source] = -theta[index];
  return inverse;
}

ModeGenerators::ModeGenerators(const PriorAtTheta& prior) : prior_(prior) {
  add_fields();
  add_coregionalisation();
  add_groups();
}

void ModeGenerators::add_fields() {
  const auto& layout = prior_.prepared().layout();
  for (std::size_t k = 0; k < layout.num_processes(); ++k) {
    const auto own = unit(layout.num_processes(), k);
    for (std::size_t p = 0; p < layout.field(k).size(); ++p) {
      add({own, own}, layout.field(k)[p],
          [&](std::size_t r, std::size_t mode) { return prior_.fields()[k].coefficients(mode)[r].derivative[p]; });
    }
  }
}

void ModeGenerators::add_coregionalisation() {
  const auto& layout = prior_.prepared().layout();
  for (const auto& lambda : layout.lambdas()) {
    const auto target = unit(layout.num_processes(), lambda.target);
    const auto row = row_of(prior_, lambda.source);
    const auto coefficient = [&](std::size_t r, std::size_t mode) {
      return -prior_.fields()[lambda.target].coefficients(mode)[r].value;
    };
    add({row, target}, lambda.theta_index, coefficient);
    add({target, row}, lambda.theta_index, coefficient);
  }
}

void ModeGenerators::add_groups() {
  const auto& prepared = prior_.prepared();
  const auto& layout = prepared.layout();
  const auto& observations = prepared.observations();
  const auto inverse = uncoupling_matrix(layout, prior_.theta());
  for (std::size_t group = 0; group < observations.size(); ++group) {
    const std::size_t j = observations[group].process();
    bool is_last = true;
    for (std::size_t later = group + 1; later < observations.size(); ++later) {
      if (observations[later].process() == j) is_last = false;
    }
    if (is_last) continue;
    SharedResponse own{group, j, std::vector<bool>(prepared.num_steps()), 0};
    for (std::size_t step = 0; step < prepared.num_steps(); ++step) {
      own.steps[step] = observations[group].pattern_of(step) >= 0;
      if (own.steps[step]) ++own.num_steps;
    }
    const std::size_t parameter = layout.size() + groups_.size();
    groups_.push_back(std::move(own));
    const auto row = row_of(prior_, j);
    for (std::size_t k = j; k < layout.num_processes(); ++k) {
      const double uncoupled = inverse[k * layout.num_processes() + j];
      add({unit(layout.num_processes(), k), row}, parameter,
          [&](std::size_t r, std::size_t mode) { return -uncoupled * prior_.fields()[k].coefficients(mode)[r].value; });
    }
  }
}

template <class Coefficient>
void ModeGenerators::add(TraceTerm term, std::size_t parameter, const Coefficient& coefficient) {
  const std::size_t n = prior_.prepared().num_nodes();
  std::vector<double> coefficients(prior_.fields().front().terms().size() * n);
  for (std::size_t i = 0; i < coefficients.size(); ++i) coefficients[i] = coefficient(i / n, i % n);
  terms_.push_back(std::move(term));
  parameters_.push_back(parameter);
  coefficients_.push_back(std::move(coefficients));
}

std::size_t ModeGenerators::theta_index(std::size_t term) const {
  const std::size_t d = prior_.theta().size();
  if (parameters_[term] < d) return parameters_[term];
  return prior_.prepared().layout().likelihood(groups_[parameters_[term] - d].group)[0];
}

std::vector<double> ModeGenerators::scales(std::size_t from, std::size_t step) const {
  const std::size_t n = prior_.prepared().num_nodes();
  const std::size_t d = prior_.theta().size();
  const auto& times = prior_.fields().front().terms();
  std::vector<double> scales(terms_.size() * n, 0.0);
  for (std::size_t term = 0; term < terms_.size(); ++term) {
    if (parameters_[term] >= d && !groups_[parameters_[term] - d].steps[step]) continue;
    for (std::size_t r = 0; r < times.size(); ++r) {
      const double weight = entry(times[r], from, step);
      if (weight == 0.0) continue;
      const double* coefficients = coefficients_[term].data() + r * n;
      for (std::size_t mode = 0; mode < n; ++mode) scales[term * n + mode] += weight * coefficients[mode];
    }
  }
  return scales;
}

}  // namespace tramontana

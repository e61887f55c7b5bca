// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/prior_at_theta.hpp"

#include <cmath>

#include "inference/posterior/block_algebra.hpp"
#include "inference/posterior/theta_facts.hpp"

namespace tramontana {
namespace {

std::vector<double> checked(const PreparedModel& prepared, std::span<const double> theta) {
  prepared.check_theta(theta);
  return {theta.begin(), theta.end()};
}

std::vector<FieldPrior> field_priors(const PreparedModel& prepared, std::span<const double> theta) {
  std::vector<FieldPrior> fields;
  fields.reserve(prepared.num_processes());
  for (std::size_t process = 0; process < prepared.num_processes(); ++process) {
    std::vector<double> parameters;
    for (const auto index : prepared.layout().field(process)) parameters.push_back(theta[index]);
    fields.emplace_back(prepared.latent(), prepared.basis().eigenvalues(), parameters);
  }
  return fields;
}

std::vector<double> noise_precisions_at(const PreparedModel& prepared, std::span<const double> theta) {
  std::vector<double> precisions;
  for (std::size_t group = 0; group < prepared.observations().size(); ++group) {
    const bool is_gaussian = prepared.observations()[group].is_gaussian();
    precisions.push_back(is_gaussian ? std::exp(theta[prepared.layout().likelihood(group)[0]]) : 1.0);
  }
  return precisions;
}

}  // namespace

PriorAtTheta::PriorAtTheta(const PreparedModel& prepared, std::span<const double> theta)
    : prepared_(prepared),
      theta_(checked(prepared, theta)),
      coregionalisation_(coregionalisation_matrix(prepared.layout(), theta_)),
      border_precision_(prepared.border().precision(prepared.layout(), theta_)),
      fields_(with_theta_in_errors(theta_, [&] { return field_priors(prepared, theta_); })),
      noise_precisions_(noise_precisions_at(prepared, theta_)) {}

std::vector<double> PriorAtTheta::likelihood_parameters(std::size_t group) const {
  std::vector<double> parameters;
  for (const auto index : prepared_.layout().likelihood(group)) parameters.push_back(theta_[index]);
  return parameters;
}

double PriorAtTheta::log_determinant() const {
  double sum = prepared_.border().log_determinant(prepared_.layout(), theta_);
  for (const auto& field : fields_) sum += field.log_determinant();
  return sum;
}

BlockVector PriorAtTheta::product(const BlockVector& field) const {
  BlockVector result(prepared_.num_steps(), prepared_.block_size(), field.num_columns());
  for (std::size_t k = 0; k < fields_.size(); ++k) fields_[k].apply(field, k * prepared_.num_nodes(), result);
  return result;
}

double PriorAtTheta::energy(const BlockVector& field, std::span<const double> effects) const {
  auto quadratic = DenseMatrix::zero(1, 1);
  add_inner_products(prepared_.backend(), field, product(field), quadratic);
  double sum = quadratic(0, 0);
  for (std::size_t j = 0; j < effects.size(); ++j) {
    for (std::size_t i = 0; i < effects.size(); ++i) sum += effects[i] * border_precision_(i, j) * effects[j];
  }
  return sum;
}

double PriorAtTheta::response_variance(std::size_t response) const {
  const auto& layout = prepared_.layout();
  double variance = 0.0;
  for (std::size_t k = 0; k <= response; ++k) {
    // Of several processes, the standard deviations are those of L; the fields' own are one.
    const auto& field = layout.field(k);
    const bool has_own = layout.names()[field.back()].rfind("log_sigma", 0) == 0;
    const double sd = lower(response, k) * (has_own ? std::exp(theta_[field.back()]) : 1.0);
    variance += sd * sd;
  }
  return variance;
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "inference/optimiser/response_moments.hpp"

#include <utility>

namespace tramontana {
namespace {

/** A small matrix of processes, row-major. */
using Small = std::vector<double>;

Small product(const Small& a, const Small& b, std::size_t n) {
  Small result(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j) result[i * n + j] += a[i * n + k] * b[k * n + j];
    }
  }
  return result;
}

Small transposed(const Small& a, std::size_t n) {
  Small result(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) result[j * n + i] = a[i * n + j];
  }
  return result;
}

/** a E a' of the moments E of every temporal term and mode. */
FieldMoments combined(const Small& a, const FieldMoments& moments) {
  const std::size_t count = moments.front().size();
  std::size_t n = 1;
  while (n * n < moments.size()) ++n;
  auto result = moments;
  for (std::size_t i = 0; i < count; ++i) {
    Small own(n * n);
    for (std::size_t kl = 0; kl < n * n; ++kl) own[kl] = moments[kl][i];
    own = product(product(a, own, n), transposed(a, n), n);
    for (std::size_t kl = 0; kl < n * n; ++kl) result[kl][i] = own[kl];
  }
  return result;
}

}  // namespace

ResponseMoments::ResponseMoments(const PriorAtTheta& prior, const FieldMoments& of_fields)
    : prior_(prior),
      num_processes_(prior.prepared().num_processes()),
      count_(of_fields.front().size()),
      moments_(combined(prior.coregionalisation(), of_fields)) {}

std::vector<double> ResponseMoments::slope(std::span<const double> theta) const {
  const auto& prepared = prior_.prepared();
  const auto& layout = prepared.layout();
  const auto inverse = uncoupling_matrix(layout, theta);
  const auto own = combined(inverse, moments_);
  std::vector<double> slope(layout.size(), 0.0);
  for (std::size_t k = 0; k < num_processes_; ++k) {
    std::vector<double> parameters;
    for (const auto index : layout.field(k)) parameters.push_back(theta[index]);
    const FieldPrior field(prepared.latent(), prepared.basis().eigenvalues(), parameters);
    // Posterior less prior mode by mode, as in the gradient.
    auto difference = own[k * num_processes_ + k];
    const auto of_prior = field.prior_moments();
    for (std::size_t i = 0; i < count_; ++i) difference[i] -= of_prior[i];
    const auto share = field.contract(difference);
    for (std::size_t p = 0; p < parameters.size(); ++p) slope[layout.field(k)[p]] = 2.0 * share[p];
    for (const auto& [target, source, index] : layout.lambdas()) {
      if (target == k) slope[index] = -2.0 * weighted(field, source, k, inverse);
    }
  }
  return slope;
}

std::vector<double> ResponseMoments::of_response(std::size_t j) const {
  const auto& layout = prior_.prepared().layout();
  const auto inverse = uncoupling_matrix(layout, prior_.theta());
  const auto lower = [&](std::size_t a, std::size_t b) { return inverse[a * num_processes_ + b]; };
  std::vector<double> traces(layout.size(), 0.0);
  for (std::size_t k = 0; k < num_processes_; ++k) {
    for (std::size_t p = 0; p < layout.field(k).size(); ++p) {
      double sum = 0.0;
      for (std::size_t i = 0; i < count_; ++i) sum += coefficient(k, i).derivative[p] * column_entry(j, k, inverse, i);
      traces[layout.field(k)[p]] = sum * lower(k, j);
    }
  }
  for (const auto& [target, source, index] : layout.lambdas()) {
    double sum = 0.0;
    for (std::size_t i = 0; i < count_; ++i) {
      const double value = coefficient(target, i).value;
      sum += value * moments_[j * num_processes_ + source][i] * lower(target, j);
      if (source == j) sum += value * column_entry(j, target, inverse, i);
    }
    traces[index] = -sum;
  }
  return traces;
}

double ResponseMoments::prior_share(std::size_t j) const {
  const auto inverse = uncoupling_matrix(prior_.prepared().layout(), prior_.theta());
  double sum = 0.0;
  for (std::size_t k = 0; k < num_processes_; ++k) {
    for (std::size_t i = 0; i < count_; ++i) {
      sum += coefficient(k, i).value * column_entry(j, k, inverse, i) * inverse[k * num_processes_ + j];
    }
  }
  return sum;
}

const FieldDual& ResponseMoments::coefficient(std::size_t process, std::size_t index) const {
  const std::size_t n = prior_.prepared().num_nodes();
  return prior_.fields()[process].coefficients(index % n)[index / n];
}

double ResponseMoments::column_entry(std::size_t j, std::size_t k, std::span<const double> inverse,
                                     std::size_t index) const {
  double sum = 0.0;
  for (std::size_t l = 0; l < num_processes_; ++l) {
    sum += moments_[j * num_processes_ + l][index] * inverse[k * num_processes_ + l];
  }
  return sum;
}

double ResponseMoments::weighted(const FieldPrior& field, std::size_t b, std::size_t k,
                                 std::span<const double> inverse) const {
  const std::size_t n = field.num_modes();
  double sum = 0.0;
  for (std::size_t i = 0; i < count_; ++i) {
    sum += field.coefficients(i % n)[i / n].value * column_entry(b, k, inverse, i);
  }
  return sum;
}

}  // namespace tramontana

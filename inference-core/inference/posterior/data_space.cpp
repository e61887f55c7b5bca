// SPDX-License-Identifier: Apache-2.0
#include "inference/posterior/data_space.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "inference/posterior/field_recursion.hpp"
#include "inference/posterior/small_dense.hpp"

namespace tramontana {

DataSpace::DataSpace(const PredictorMap& map, const std::vector<std::vector<double>>& precisions)
    : map_(map), precision_(joint_precision_of(map, CoordinateBasis::spectral)) {
  const auto& prior = map.prior();
  const auto& observations = map.observations();
  const auto& priors = prior.fields();
  const auto& prepared = prior.prepared();
  const auto& backend = prepared.backend();
  const auto& kernels = backend.blocks();
  const std::size_t nodes = prepared.num_nodes();
  const std::size_t n = prepared.block_size();
  std::size_t total = 0;
  for (std::size_t g = 0; g < observations.size(); ++g) {
    groups_.push_back({total, observations[g].num_observations(), observations[g].process()});
    total += groups_.back().count;
    for (const double precision : precisions[g]) noise_variances_.push_back(1.0 / precision);
  }
  predictors_ = DenseMatrix::zero(total, nodes);
  gain_ = DenseMatrix::zero(n, total);
  auto design = DenseMatrix::zero(total, n);
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    const auto& rows = groups_[g];
    auto projected = kernels.allocate(rows.count, nodes);
    kernels.multiply(Transpose::no, 1.0, kernels.upload(observations[g].projector()), prepared.basis().synthesis(), 0.0,
                     projected.view());
    kernels.download(projected.view(), predictors_.view().block(rows.first, 0, rows.count, nodes));
    for (std::size_t k = 0; k <= rows.process; ++k) {
      const double weight = prior.lower(rows.process, k);
      for (std::size_t mode = 0; mode < nodes; ++mode) {
        const double variance = 1.0 / priors[k].diagonal(0, mode);
        for (std::size_t i = rows.first; i < rows.first + rows.count; ++i) {
          design(i, k * nodes + mode) = weight * predictors_(i, mode);
          gain_(k * nodes + mode, i) = variance * design(i, k * nodes + mode);
        }
      }
    }
  }
  DenseMatrix v(total, total);
  backend.dense().multiply(Transpose::no, Transpose::no, 1.0, std::as_const(design).view(), std::as_const(gain_).view(),
                           0.0, v.view());
  // To a unit diagonal: noise of a thousand orders in one vector is no loss of digits.
  std::vector<double> scale(total);
  for (std::size_t i = 0; i < total; ++i) scale[i] = 1.0 / std::sqrt(v(i, i) + noise_variances_[i]);
  for (std::size_t j = 0; j < total; ++j) {
    for (std::size_t i = 0; i < total; ++i) {
      v(i, j) = scale[i] * scale[j] * (v(i, j) + (i == j ? noise_variances_[i] : 0.0));
    }
  }
  const auto factor = small_cholesky(v, "covariance of the data");
  double smallest = 1.0;
  log_determinant_ = 0.0;
  for (std::size_t i = 0; i < total; ++i) {
    smallest = std::min(smallest, factor(i, i) * factor(i, i));
    // |Q + X' D X| = |Q| |V| |D|.
    log_determinant_ += 2.0 * std::log(factor(i, i) / scale[i]) - std::log(noise_variances_[i]);
  }
  for (const auto& field : priors) log_determinant_ += field.log_determinant();
  rounding_error_ = std::numeric_limits<double>::epsilon() / smallest;
  auto half = small_triangular_inverse(factor);
  for (std::size_t j = 0; j < total; ++j) {
    for (std::size_t i = 0; i < total; ++i) half(i, j) *= scale[j];
  }
  inverse_ = DenseMatrix(total, total);
  backend.dense().multiply(Transpose::yes, Transpose::no, 1.0, std::as_const(half).view(), std::as_const(half).view(),
                           0.0, inverse_.view());
  DenseMatrix kalman(n, total);
  backend.dense().multiply(Transpose::no, Transpose::no, 1.0, std::as_const(gain_).view(),
                           std::as_const(inverse_).view(), 0.0, kalman.view());
  // Columns [(I - K X) S^1/2, K D^-1/2]: their squares add up, so that no variance is a difference.
  DenseMatrix root(n, n + total);
  auto rest = root.view().block(0, 0, n, n);
  backend.dense().multiply(Transpose::no, Transpose::no, -1.0, std::as_const(kalman).view(),
                           std::as_const(design).view(), 0.0, rest);
  for (std::size_t j = 0; j < n; ++j) {
    rest(j, j) += 1.0;
    const double sd = std::sqrt(1.0 / priors[j / nodes].diagonal(0, j % nodes));
    for (std::size_t i = 0; i < n; ++i) rest(i, j) *= sd;
  }
  for (std::size_t j = 0; j < total; ++j) {
    for (std::size_t i = 0; i < n; ++i) root(i, n + j) = kalman(i, j) * std::sqrt(noise_variances_[j]);
  }
  DenseMatrix covariance(n, n);
  backend.dense().multiply(Transpose::no, Transpose::yes, 1.0, std::as_const(root).view(), std::as_const(root).view(),
                           0.0, covariance.view());
  covariance_ = kernels.allocate(n, n);
  kernels.upload(covariance.view(), covariance_.view());
}

std::unique_ptr<const DataSpace> DataSpace::where_of_use(const PredictorMap& map) {
  std::size_t count = 0;
  std::vector<std::vector<double>> precisions;
  for (std::size_t group = 0; group < map.observations().size(); ++group) {
    precisions.push_back(map.observations()[group].weights());
    count += precisions.back().size();
    for (double& precision : precisions.back()) {
      precision *= map.prior().noise_precision(group);
      if (!(precision > 0.0) || !std::isfinite(precision)) return nullptr;
    }
  }
  const auto& prepared = map.prior().prepared();
  if (prepared.num_steps() > 1 || count > prepared.block_size()) return nullptr;
  try {
    auto found = std::make_unique<const DataSpace>(map, precisions);
    return found->rounding_error() < largest_rounding_error ? std::move(found) : nullptr;
  } catch (const NotPositiveDefinite&) {
    // Observations that repeat each other, with hardly any noise: the precision has them in one place.
    return nullptr;
  }
}

FieldSolution DataSpace::solve(const std::vector<DenseMatrix>& w) const {
  const auto& backend = map_.prior().prepared().backend();
  const std::size_t columns = w[0].columns();
  DenseMatrix all(noise_variances_.size(), columns);
  for (std::size_t g = 0; g < groups_.size(); ++g) {
    for (std::size_t j = 0; j < columns; ++j) {
      std::copy_n(w[g].view().column(j), groups_[g].count, all.view().column(j) + groups_[g].first);
    }
  }
  DenseMatrix dual(all.rows(), columns);
  backend.dense().multiply(Transpose::no, Transpose::no, 1.0, inverse_.view(), std::as_const(all).view(), 0.0,
                           dual.view());
  BlockVector spectral(1, gain_.rows(), columns);
  backend.dense().multiply(Transpose::no, Transpose::no, 1.0, gain_.view(), std::as_const(dual).view(), 0.0,
                           spectral.block(0));
  auto fields = map_.project(std::move(spectral));
  auto predictor = map_.predictors(fields);
  FieldSolution result{std::move(fields), std::move(predictor), {}};
  for (const auto& rows : groups_) {
    DenseMatrix residual(rows.count, columns);
    for (std::size_t j = 0; j < columns; ++j) {
      for (std::size_t i = 0; i < rows.count; ++i) {
        residual(i, j) = noise_variances_[rows.first + i] * dual(rows.first + i, j);
      }
    }
    result.residuals.push_back(std::move(residual));
  }
  return result;
}

SelectedInverseSummary DataSpace::for_each_covariance(const CovarianceVisitor& visit, CovarianceDetail) const {
  const std::vector<std::size_t> steps{0};
  visit(StepCovariance{steps, covariance_.view(), {}});
  return {.num_groups = 1, .reason = "covariance of the data"};
}

double DataSpace::observed_covariance(std::size_t group, std::size_t process, const CovarianceMoments&) const {
  const auto& rows = groups_[group];
  const auto& prepared = map_.prior().prepared();
  const std::size_t nodes = prepared.num_nodes();
  // (Q + X' D X)^-1 X' D = S X' V^-1.
  DenseMatrix share(nodes, rows.count);
  prepared.backend().dense().multiply(
      Transpose::no, Transpose::no, 1.0, gain_.view().block(process * nodes, 0, nodes, gain_.columns()),
      inverse_.view().block(0, rows.first, inverse_.rows(), rows.count), 0.0, share.view());
  double sum = 0.0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    for (std::size_t mode = 0; mode < nodes; ++mode) sum += predictors_(rows.first + i, mode) * share(mode, i);
  }
  return sum / map_.prior().noise_precision(group);
}

}  // namespace tramontana

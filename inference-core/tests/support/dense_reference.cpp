// SPDX-License-Identifier: Apache-2.0
#include "support/dense_reference.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>

#include "model/likelihood.hpp"

namespace tramontana::testing {
namespace {

using Matrix = DenseMatrix;

Matrix dense(const CsrMatrix& sparse) {
  auto m = Matrix::zero(static_cast<std::size_t>(sparse.num_rows), static_cast<std::size_t>(sparse.num_columns));
  for (std::int32_t row = 0; row < sparse.num_rows; ++row) {
    for (auto p = sparse.row_pointers[row]; p < sparse.row_pointers[row + 1]; ++p) {
      m(static_cast<std::size_t>(row), static_cast<std::size_t>(sparse.column_indices[p])) += sparse.values[p];
    }
  }
  return m;
}

Matrix diagonal(const std::vector<double>& values) {
  auto m = Matrix::zero(values.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) m(i, i) = values[i];
  return m;
}

Matrix product(const Matrix& a, const Matrix& b) {
  auto c = Matrix::zero(a.rows(), b.columns());
  for (std::size_t j = 0; j < b.columns(); ++j) {
    for (std::size_t k = 0; k < b.rows(); ++k) {
      for (std::size_t i = 0; i < a.rows(); ++i) c(i, j) += a(i, k) * b(k, j);
    }
  }
  return c;
}

Matrix transposed(const Matrix& a) {
  Matrix t(a.columns(), a.rows());
  for (std::size_t j = 0; j < a.columns(); ++j) {
    for (std::size_t i = 0; i < a.rows(); ++i) t(j, i) = a(i, j);
  }
  return t;
}

void add(Matrix& target, double factor, const Matrix& other) {
  for (std::size_t i = 0; i < target.rows() * target.columns(); ++i) target.data()[i] += factor * other.data()[i];
}

/** target += factor * (left kron right). */
void add_kronecker(Matrix& target, double factor, const Matrix& left, const Matrix& right) {
  const std::size_t n = right.rows();
  for (std::size_t s = 0; s < left.rows(); ++s) {
    for (std::size_t t = 0; t < left.columns(); ++t) {
      if (left(s, t) == 0.0) continue;
      for (std::size_t j = 0; j < n; ++j) {
        for (std::size_t i = 0; i < n; ++i) target(s * n + i, t * n + j) += factor * left(s, t) * right(i, j);
      }
    }
  }
}

/** Lower factor in place of a copy; log determinant beside it. */
Matrix cholesky(const Matrix& a, double& log_determinant) {
  const std::size_t n = a.rows();
  auto lower = Matrix::zero(n, n);
  log_determinant = 0.0;
  for (std::size_t j = 0; j < n; ++j) {
    double pivot = a(j, j);
    for (std::size_t k = 0; k < j; ++k) pivot -= lower(j, k) * lower(j, k);
    if (!(pivot > 0.0)) throw std::runtime_error("the dense reference met a matrix that is not positive definite");
    log_determinant += std::log(pivot);
    lower(j, j) = std::sqrt(pivot);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = a(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= lower(i, k) * lower(j, k);
      lower(i, j) = sum / lower(j, j);
    }
  }
  return lower;
}

Matrix inverse_from_factor(const Matrix& lower) {
  const std::size_t n = lower.rows();
  auto x = Matrix::zero(n, n);
  for (std::size_t j = 0; j < n; ++j) {
    x(j, j) = 1.0 / lower(j, j);
    for (std::size_t i = j + 1; i < n; ++i) {
      double sum = 0.0;
      for (std::size_t k = j; k < i; ++k) sum -= lower(i, k) * x(k, j);
      x(i, j) = sum / lower(i, i);
    }
  }
  return product(transposed(x), x);
}

/** Precision of one field with standard deviation exp(log_sigma), order step by step. */
Matrix field_precision(const EngineModel& model, double log_range_s, double log_range_t, double log_sigma) {
  const auto c0 = diagonal(model.c0);
  const auto g1 = dense(model.g1);
  std::vector<double> inverse_mass;
  for (const double mass : model.c0) inverse_mass.push_back(1.0 / mass);
  const auto g2 = product(product(g1, diagonal(inverse_mass)), g1);
  const auto g3 = product(product(g1, diagonal(inverse_mass)), g2);
  const std::size_t n = model.c0.size();
  const double gamma_s = 0.5 * std::log(8.0) - log_range_s;
  const double g = std::exp(gamma_s);
  auto q1 = Matrix::zero(n, n);
  add(q1, g * g, c0);
  add(q1, 1.0, g1);
  auto q2 = Matrix::zero(n, n);
  add(q2, std::pow(g, 4), c0);
  add(q2, 2.0 * g * g, g1);
  add(q2, 1.0, g2);
  if (model.kind == ModelKind::spatial) {
    const double gamma_e = -0.5 * (std::log(4.0 * std::numbers::pi) + 2.0 * gamma_s + 2.0 * log_sigma);
    auto q = Matrix::zero(n, n);
    add(q, std::exp(2.0 * gamma_e), q2);
    return q;
  }
  auto q3 = Matrix::zero(n, n);
  add(q3, std::pow(g, 6), c0);
  add(q3, 3.0 * std::pow(g, 4), g1);
  add(q3, 3.0 * g * g, g2);
  add(q3, 1.0, g3);
  const double gamma_t = log_range_t - 0.5 * std::log(4.0) + 2.0 * gamma_s;
  double gamma_e = 0.0;
  if (model.manifold == Manifold::plane) {
    const double c1 = std::tgamma(0.5) / std::pow(4.0 * std::numbers::pi, 1.5);
    gamma_e = 0.5 * std::log(c1) - 0.5 * gamma_t - gamma_s - log_sigma;
  } else {
    double sum = 0.0;
    // 2e6 terms leave a tail of 1e-13 of the sum or less for the ranges of the tests.
    const int terms = model.sphere_series_terms.value_or(2000000);
    for (int k = terms - 1; k >= 0; --k) {
      sum += (2.0 * k + 1.0) / (4.0 * std::numbers::pi * std::pow(g * g + static_cast<double>(k) * (k + 1.0), 2));
    }
    gamma_e = 0.5 * std::log(sum / 2.0) - 0.5 * gamma_t - log_sigma;
  }
  const auto count = static_cast<std::size_t>(model.num_time_steps);
  auto m2 = diagonal(model.temporal->m2_diagonal);
  for (std::size_t t = 0; t + 1 < count; ++t) m2(t, t + 1) = m2(t + 1, t) = model.temporal->m2_off_diagonal[t];
  auto q = Matrix::zero(n * count, n * count);
  const double scale = std::exp(2.0 * gamma_e);
  add_kronecker(q, scale, diagonal(model.temporal->m0), q3);
  add_kronecker(q, scale * std::exp(gamma_t), diagonal(model.temporal->m1), q2);
  add_kronecker(q, scale * std::exp(2.0 * gamma_t), m2, q1);
  return q;
}

double log_prior_density(const ThetaPrior& prior, double t) {
  const double l = prior.lambda;
  switch (prior.kind) {
    case ThetaPrior::Kind::gaussian:
      return -0.5 * prior.precision * (t - prior.mean) * (t - prior.mean);
    case ThetaPrior::Kind::spatial_range:
      return std::log(l) - l * std::exp(-t) - t;
    case ThetaPrior::Kind::temporal_range:
    case ThetaPrior::Kind::noise_sd:
      return std::log(l) - l * std::exp(-0.5 * t) - 0.5 * t + std::log(0.5);
    case ThetaPrior::Kind::sigma:
    case ThetaPrior::Kind::noise_precision_compat:
      return std::log(l) - l * std::exp(t) + t;
    case ThetaPrior::Kind::log_gamma:
      return prior.shape * std::log(prior.rate * std::exp(t)) - std::lgamma(prior.shape) - prior.rate * std::exp(t);
    case ThetaPrior::Kind::fixed:
      return 0.0;
  }
  return 0.0;
}

struct Parameters {
  std::vector<double> log_range_s, log_range_t, log_sigma, log_tau;
  Matrix transform;                             ///< T of w = T v, n_v x n_v
  std::vector<std::vector<double>> likelihood;  ///< of the first group of each process
  std::vector<double> rest;                     ///< further groups, random effects
};

std::size_t count_processes(const EngineModel& model) {
  std::int32_t last = 0;
  for (const auto& group : model.observations) last = std::max(last, group.process);
  return static_cast<std::size_t>(last) + 1;
}

/** The likelihood of the first group of a process. */
Likelihood first_likelihood(const EngineModel& model, std::size_t process) {
  for (const auto& group : model.observations) {
    if (static_cast<std::size_t>(group.process) == process) return group.likelihood;
  }
  throw std::runtime_error("a process without observations");
}

std::size_t count_parameters(Likelihood likelihood) {
  if (likelihood == Likelihood::poisson || likelihood == Likelihood::binomial) return 0;
  return likelihood == Likelihood::student_t ? 2 : 1;
}

Parameters parse_theta(const EngineModel& model, std::span<const double> theta) {
  const std::size_t n = count_processes(model);
  const bool has_time = model.kind == ModelKind::spatio_temporal;
  Parameters p{{}, {}, {}, {}, Matrix::zero(n, n), {}, {}};
  std::size_t next = 0;
  for (std::size_t k = 0; k < n; ++k) {
    p.transform(k, k) = 1.0;
    p.log_range_s.push_back(theta[next++]);
    p.log_range_t.push_back(has_time ? theta[next++] : 0.0);
    if (n == 1) p.log_sigma.push_back(theta[next++]);
    p.likelihood.emplace_back();
    const std::size_t count = count_parameters(first_likelihood(model, k));
    for (std::size_t i = 0; i < count; ++i) p.likelihood[k].push_back(theta[next++]);
    p.log_tau.push_back(count > 0 ? p.likelihood[k][0] : 0.0);
  }
  if (n > 1) {
    for (std::size_t k = 0; k < n; ++k) p.log_sigma.push_back(theta[next++]);
  }
  for (std::size_t target = 1; target < n; ++target) {
    for (std::size_t source = target; source-- > 0;) p.transform(target, source) = -theta[next++];
  }
  p.rest.assign(theta.begin() + static_cast<std::ptrdiff_t>(next), theta.end());
  return p;
}

/** T' blkdiag(Q_k) T and the fixed effects' precision. */
Matrix prior_precision(const EngineModel& model, const Parameters& p, std::size_t num_fixed) {
  const std::size_t n_v = count_processes(model);
  const std::size_t n_s = model.c0.size();
  const auto n_t = static_cast<std::size_t>(model.num_time_steps);
  const std::size_t num_field = n_v * n_s * n_t;
  const std::size_t size = num_field + num_fixed;
  const auto position = [&](std::size_t step, std::size_t process, std::size_t node) {
    return (step * n_v + process) * n_s + node;
  };
  auto prior = Matrix::zero(size, size);
  for (std::size_t k = 0; k < n_v; ++k) {
    const auto q = field_precision(model, p.log_range_s[k], p.log_range_t[k], p.log_sigma[k]);
    for (std::size_t a = 0; a < n_v; ++a) {
      for (std::size_t b = 0; b < n_v; ++b) {
        const double weight = p.transform(k, a) * p.transform(k, b);
        if (weight == 0.0) continue;
        for (std::size_t s = 0; s < n_t * n_s; ++s) {
          for (std::size_t t = 0; t < n_t * n_s; ++t) {
            prior(position(s / n_s, a, s % n_s), position(t / n_s, b, t % n_s)) += weight * q(s, t);
          }
        }
      }
    }
  }
  for (std::size_t i = num_field; i < size; ++i) prior(i, i) = model.fixed_effects_prior_precision;
  return prior;
}

std::size_t count_fixed_effects(const EngineModel& model) {
  std::size_t count = 0;
  for (const auto& group : model.observations) count += static_cast<std::size_t>(group.num_covariates);
  return count;
}

}  // namespace

DenseAnswer dense_answer(const EngineModel& model, std::span<const double> theta) {
  const auto p = parse_theta(model, theta);
  const std::size_t n_v = model.observations.size();
  const std::size_t n_s = model.c0.size();
  const auto n_t = static_cast<std::size_t>(model.num_time_steps);
  const std::size_t num_fixed = count_fixed_effects(model);
  const std::size_t num_field = n_v * n_s * n_t;
  const std::size_t size = num_field + num_fixed;
  const auto position = [&](std::size_t step, std::size_t process, std::size_t node) {
    return (step * n_v + process) * n_s + node;
  };
  const auto prior = prior_precision(model, p, num_fixed);
  auto posterior = prior;
  std::vector<double> rhs(size, 0.0);
  double log_likelihood_constants = 0.0;
  std::size_t fixed_offset = num_field;
  struct Row {
    std::vector<std::pair<std::size_t, double>> entries;
    double y, precision;
  };
  std::vector<Row> rows;
  for (std::size_t j = 0; j < n_v; ++j) {
    const auto& group = model.observations[j];
    for (std::size_t i = 0; i < group.y.size(); ++i) {
      const double weight = group.weights.empty() ? 1.0 : group.weights[i];
      Row row{{}, group.y[i], std::exp(p.log_tau[j]) * weight};
      log_likelihood_constants += 0.5 * std::log(row.precision);
      for (auto q = group.projector.row_pointers[i]; q < group.projector.row_pointers[i + 1]; ++q) {
        row.entries.emplace_back(position(static_cast<std::size_t>(group.time_index[i]), j,
                                          static_cast<std::size_t>(group.projector.column_indices[q])),
                                 group.projector.values[q]);
      }
      for (std::size_t c = 0; c < static_cast<std::size_t>(group.num_covariates); ++c) {
        row.entries.emplace_back(fixed_offset + c,
                                 group.covariates[i * static_cast<std::size_t>(group.num_covariates) + c]);
      }
      for (const auto& [a, va] : row.entries) {
        rhs[a] += row.precision * va * row.y;
        for (const auto& [b, vb] : row.entries) posterior(a, b) += row.precision * va * vb;
      }
      rows.push_back(std::move(row));
    }
    fixed_offset += static_cast<std::size_t>(group.num_covariates);
  }

  DenseAnswer answer;
  static_cast<void>(cholesky(prior, answer.log_determinant_prior));
  const auto factor = cholesky(posterior, answer.log_determinant_posterior);
  answer.covariance = inverse_from_factor(factor);
  // Solve with the factor, not with the inverse.
  answer.mean = rhs;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t k = 0; k < i; ++k) answer.mean[i] -= factor(i, k) * answer.mean[k];
    answer.mean[i] /= factor(i, i);
  }
  for (std::size_t i = size; i-- > 0;) {
    for (std::size_t k = i + 1; k < size; ++k) answer.mean[i] -= factor(k, i) * answer.mean[k];
    answer.mean[i] /= factor(i, i);
  }
  double energy = 0.0;
  for (const auto& row : rows) {
    double residual = row.y;
    for (const auto& [a, value] : row.entries) residual -= value * answer.mean[a];
    energy += row.precision * residual * residual;
  }
  for (std::size_t j = 0; j < size; ++j) {
    for (std::size_t i = 0; i < size; ++i) energy += answer.mean[i] * prior(i, j) * answer.mean[j];
  }
  double log_prior_theta = 0.0;
  for (std::size_t i = 0; i < theta.size(); ++i) log_prior_theta += log_prior_density(model.priors[i], theta[i]);
  answer.objective = -(log_prior_theta + log_likelihood_constants +
                       0.5 * (answer.log_determinant_prior - answer.log_determinant_posterior) - 0.5 * energy);
  return answer;
}

DenseAnswer dense_laplace(const EngineModel& model, std::span<const double> theta) {
  const auto p = parse_theta(model, theta);
  const std::size_t n_v = count_processes(model);
  const std::size_t n_s = model.c0.size();
  const auto n_t = static_cast<std::size_t>(model.num_time_steps);
  const std::size_t num_field = n_v * n_s * n_t;
  // The border, process by process: covariates, then levels.
  std::vector<std::size_t> first_column(n_v, 0);
  std::vector<std::size_t> num_covariates(n_v, 0);
  std::vector<std::size_t> first_level(model.random_effects.size(), 0);
  for (const auto& group : model.observations) {
    num_covariates[static_cast<std::size_t>(group.process)] = static_cast<std::size_t>(group.num_covariates);
  }
  std::size_t size = num_field;
  for (std::size_t j = 0; j < n_v; ++j) {
    first_column[j] = size;
    size += num_covariates[j];
    for (std::size_t e = 0; e < model.random_effects.size(); ++e) {
      if (static_cast<std::size_t>(model.random_effects[e].process) != j) continue;
      first_level[e] = size;
      size += static_cast<std::size_t>(model.random_effects[e].num_levels);
    }
  }
  std::size_t next = 0;
  std::vector<bool> seen(n_v, false);
  std::vector<std::vector<double>> parameters;
  for (const auto& group : model.observations) {
    const auto j = static_cast<std::size_t>(group.process);
    if (!seen[j]) {
      parameters.push_back(p.likelihood[j]);
    } else {
      const auto begin = p.rest.begin() + static_cast<std::ptrdiff_t>(next);
      parameters.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(count_parameters(group.likelihood)));
      next += count_parameters(group.likelihood);
    }
    seen[j] = true;
  }
  auto prior = prior_precision(model, p, size - num_field);
  for (std::size_t e = 0; e < model.random_effects.size(); ++e) {
    const auto& effect = model.random_effects[e];
    const double scale = std::exp(p.rest[next + e]);
    const auto count = static_cast<std::size_t>(effect.num_levels);
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = 0; b < count; ++b) {
        double value = a == b ? 1.0 : 0.0;
        if (effect.structure == RandomEffect::Structure::cyclic_walk) {
          const bool neighbours = (a + 1) % count == b || (b + 1) % count == a;
          value = (a == b ? 2.0 : neighbours ? -1.0 : 0.0) + 1.0 / static_cast<double>(count);
        }
        prior(first_level[e] + a, first_level[e] + b) = scale * value;
      }
    }
  }
  struct Row {
    std::vector<std::pair<std::size_t, double>> entries;
    std::size_t group;
    Datum datum;
  };
  std::vector<Row> rows;
  for (std::size_t g = 0; g < model.observations.size(); ++g) {
    const auto& group = model.observations[g];
    const auto j = static_cast<std::size_t>(group.process);
    for (std::size_t i = 0; i < group.y.size(); ++i) {
      Row row{{}, g, {group.y[i], 1.0, 1.0}};
      if (group.transform == ResponseTransform::log) row.datum.y = std::log(group.y[i]);
      if (group.transform == ResponseTransform::square_root) row.datum.y = std::sqrt(group.y[i]);
      if (!group.weights.empty()) row.datum.weight = group.weights[i];
      if (!group.exposure.empty()) row.datum.exposure = group.exposure[i];
      for (auto q = group.projector.row_pointers[i]; q < group.projector.row_pointers[i + 1]; ++q) {
        const auto block = static_cast<std::size_t>(group.time_index[i]) * n_v + j;
        row.entries.emplace_back(block * n_s + static_cast<std::size_t>(group.projector.column_indices[q]),
                                 group.projector.values[q]);
      }
      for (std::size_t c = 0; c < num_covariates[j]; ++c) {
        row.entries.emplace_back(first_column[j] + c, group.covariates[i * num_covariates[j] + c]);
      }
      std::size_t own = 0;
      for (std::size_t e = 0; e < model.random_effects.size(); ++e) {
        if (model.random_effects[e].process != group.process) continue;
        const auto level = group.effect_levels[own++][i];
        if (level >= 0) row.entries.emplace_back(first_level[e] + static_cast<std::size_t>(level), 1.0);
      }
      rows.push_back(std::move(row));
    }
  }
  const auto predictor = [](const Row& row, const std::vector<double>& x) {
    double eta = 0.0;
    for (const auto& [a, value] : row.entries) eta += value * x[a];
    return eta;
  };
  const auto terms_at = [&](const Row& row, double eta) {
    return likelihood_model(model.observations[row.group].likelihood).terms(row.datum, eta, parameters[row.group]);
  };
  const auto quadratic = [&](const std::vector<double>& x) {
    double energy = 0.0;
    for (std::size_t j = 0; j < size; ++j) {
      for (std::size_t i = 0; i < size; ++i) energy += x[i] * prior(i, j) * x[j];
    }
    return energy;
  };
  const auto log_joint = [&](const std::vector<double>& x) {
    double sum = -0.5 * quadratic(x);
    for (const auto& row : rows) sum += terms_at(row, predictor(row, x)).log_density;
    return sum;
  };

  DenseAnswer answer;
  static_cast<void>(cholesky(prior, answer.log_determinant_prior));
  std::vector<double> x(size, 0.0);
  Matrix factor;
  for (int iteration = 0; iteration < 200; ++iteration) {
    auto posterior = prior;
    std::vector<double> step(size, 0.0);
    for (std::size_t j = 0; j < size; ++j) {
      for (std::size_t i = 0; i < size; ++i) step[i] -= prior(i, j) * x[j];
    }
    const bool newton = iteration >= 60;  // before, weights that always ascend
    for (const auto& row : rows) {
      const double eta = predictor(row, x);
      const auto terms = terms_at(row, eta);
      const double weight = newton ? terms.weight
                                   : likelihood_model(model.observations[row.group].likelihood)
                                         .ascent_weight(row.datum, eta, parameters[row.group]);
      for (const auto& [a, va] : row.entries) {
        step[a] += va * terms.score;
        for (const auto& [b, vb] : row.entries) posterior(a, b) += weight * va * vb;
      }
    }
    factor = cholesky(posterior, answer.log_determinant_posterior);
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t k = 0; k < i; ++k) step[i] -= factor(i, k) * step[k];
      step[i] /= factor(i, i);
    }
    double largest = 0.0;
    for (std::size_t i = size; i-- > 0;) {
      for (std::size_t k = i + 1; k < size; ++k) step[i] -= factor(k, i) * step[k];
      step[i] /= factor(i, i);
      largest = std::max(largest, std::abs(step[i]));
    }
    const double before = log_joint(x);
    double length = 1.0;
    auto trial = x;
    for (;; length *= 0.5) {
      for (std::size_t i = 0; i < size; ++i) trial[i] = x[i] + length * step[i];
      if (log_joint(trial) >= before - 1e-11 * std::abs(before) || length < 1e-9) break;
    }
    x = trial;
    if (newton && largest < 1e-13) break;
    if (largest < 1e-10 && !newton) iteration = 60;
  }
  answer.mean = x;
  answer.covariance = inverse_from_factor(factor);
  double log_likelihood = 0.0;
  for (const auto& row : rows) {
    const auto& likelihood = likelihood_model(model.observations[row.group].likelihood);
    log_likelihood += terms_at(row, predictor(row, x)).log_density - likelihood.dropped_constant(row.datum);
    if (model.observations[row.group].likelihood == Likelihood::gaussian) {
      log_likelihood += 0.5 * std::log(2.0 * std::numbers::pi);
    }
  }
  double log_prior_theta = 0.0;
  for (std::size_t i = 0; i < theta.size(); ++i) log_prior_theta += log_prior_density(model.priors[i], theta[i]);
  answer.objective = -(log_prior_theta + log_likelihood - 0.5 * quadratic(x) +
                       0.5 * (answer.log_determinant_prior - answer.log_determinant_posterior));
  return answer;
}

void replace_data_by_simulation(EngineModel& model, std::span<const double> theta, std::uint64_t seed) {
  const auto p = parse_theta(model, theta);
  double unused = 0.0;
  const auto factor = cholesky(prior_precision(model, p, 0), unused);
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> field(factor.rows());
  for (auto& value : field) value = normal(random);
  for (std::size_t i = field.size(); i-- > 0;) {
    for (std::size_t k = i + 1; k < field.size(); ++k) field[i] -= factor(k, i) * field[k];
    field[i] /= factor(i, i);
  }
  const std::size_t n_v = model.observations.size();
  const std::size_t n_s = model.c0.size();
  for (std::size_t j = 0; j < n_v; ++j) {
    auto& group = model.observations[j];
    for (std::size_t i = 0; i < group.y.size(); ++i) {
      const double weight = group.weights.empty() ? 1.0 : group.weights[i];
      group.y[i] = normal(random) / std::sqrt(std::exp(p.log_tau[j]) * weight);
      for (auto q = group.projector.row_pointers[i]; q < group.projector.row_pointers[i + 1]; ++q) {
        const auto node = static_cast<std::size_t>(group.projector.column_indices[q]);
        const auto block = static_cast<std::size_t>(group.time_index[i]) * n_v + j;
        group.y[i] += group.projector.values[q] * field[block * n_s + node];
      }
    }
  }
}

}  // namespace tramontana::testing

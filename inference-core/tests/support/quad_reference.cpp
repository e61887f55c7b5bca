// SPDX-License-Identifier: Apache-2.0
#include "support/quad_reference.hpp"

#include <cmath>
#include <stdexcept>
#include <utility>

namespace tramontana::testing {
namespace {

#ifdef __SIZEOF_FLOAT128__
__extension__ typedef __float128 Quad;
#else
using Quad = long double;
#endif

/** Taylor series of exp(x / 1024), squared ten times. */
Quad exponential(Quad x) {
  const Quad t = x / 1024;
  Quad sum = 1;
  Quad term = 1;
  for (int k = 1; k < 30; ++k) {
    term *= t / k;
    sum += term;
  }
  for (int k = 0; k < 10; ++k) sum *= sum;
  return sum;
}

/** Newton's method from the logarithm of the double. */
Quad logarithm(Quad x) {
  Quad y = std::log(static_cast<double>(x));
  for (int k = 0; k < 3; ++k) y += x * exponential(-y) - 1;
  return y;
}

Quad square_root(Quad x) {
  Quad y = std::sqrt(static_cast<double>(x));
  for (int k = 0; k < 3; ++k) y = (y + x / y) / 2;
  return y;
}

class Matrix {
 public:
  explicit Matrix(std::size_t n) : n_(n), values_(n * n, Quad(0)) {}
  Quad& operator()(std::size_t i, std::size_t j) { return values_[i * n_ + j]; }
  const Quad& operator()(std::size_t i, std::size_t j) const { return values_[i * n_ + j]; }
  std::size_t size() const { return n_; }

 private:
  std::size_t n_;
  std::vector<Quad> values_;
};

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < a.size(); ++k) {
      for (std::size_t j = 0; j < a.size(); ++j) result(i, j) += a(i, k) * b(k, j);
    }
  }
  return result;
}

/** Lower Cholesky factor; its log determinant (of the matrix) beside it. */
std::pair<Matrix, Quad> cholesky(const Matrix& a) {
  Matrix l(a.size());
  Quad log_determinant = 0;
  for (std::size_t j = 0; j < a.size(); ++j) {
    for (std::size_t i = j; i < a.size(); ++i) {
      Quad sum = a(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= l(i, k) * l(j, k);
      if (i == j) {
        if (!(sum > 0)) throw std::runtime_error("the quad reference met a matrix that is not positive definite");
        l(j, j) = square_root(sum);
        log_determinant += logarithm(sum);
      } else {
        l(i, j) = sum / l(j, j);
      }
    }
  }
  return {std::move(l), log_determinant};
}

void solve_lower(const Matrix& l, std::vector<Quad>& b) {
  for (std::size_t i = 0; i < b.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= l(i, k) * b[k];
    b[i] /= l(i, i);
  }
}

void solve_upper(const Matrix& l, std::vector<Quad>& b) {
  for (std::size_t i = b.size(); i-- > 0;) {
    for (std::size_t k = i + 1; k < b.size(); ++k) b[i] -= l(k, i) * b[k];
    b[i] /= l(i, i);
  }
}

const char* const pi_digits = "3.14159265358979323846264338327950288";

Quad pi() {
  Quad value = 0;
  Quad place = 1;
  for (const char* c = pi_digits; *c != '\0'; ++c) {
    if (*c == '.') continue;
    value += place * (*c - '0');
    place /= 10;
  }
  return value;
}

class QuadModel {
 public:
  explicit QuadModel(const EngineModel& model)
      : model_(model),
        num_nodes_(model.c0.size()),
        num_steps_(static_cast<std::size_t>(model.num_time_steps)),
        c0_(num_nodes_),
        g1_(num_nodes_),
        g2_(num_nodes_),
        g3_(num_nodes_) {
    Matrix inverse_mass(num_nodes_);
    for (std::size_t i = 0; i < num_nodes_; ++i) {
      c0_(i, i) = model.c0[i];
      inverse_mass(i, i) = Quad(1) / model.c0[i];
      for (auto p = model.g1.row_pointers[i]; p < model.g1.row_pointers[i + 1]; ++p) {
        g1_(i, static_cast<std::size_t>(model.g1.column_indices[p])) += model.g1.values[p];
      }
    }
    g2_ = product(product(g1_, inverse_mass), g1_);
    g3_ = product(product(g1_, inverse_mass), g2_);
  }

  /** Section 1 of the notation: the field's block, then the fixed effects. */
  Matrix prior(const std::vector<Quad>& theta) const {
    const Quad log_g = logarithm(8) / 2 - theta[0];
    const Quad log_gt = theta[1] - logarithm(4) / 2 + 2 * log_g;
    const Quad log_c1 = logarithm(pi()) / 2 - logarithm(4 * pi()) * 3 / 2;
    const Quad ge2 = exponential(log_c1 - log_gt - 2 * log_g - 2 * theta[2]);
    const Quad g2 = exponential(2 * log_g);
    const Quad gt = exponential(log_gt);
    const auto& temporal = *model_.temporal;
    const std::size_t fixed = num_nodes_ * num_steps_;
    Matrix q(fixed + static_cast<std::size_t>(model_.observations[0].num_covariates));
    for (std::size_t i = 0; i < num_nodes_; ++i) {
      for (std::size_t j = 0; j < num_nodes_; ++j) {
        const Quad q1 = g2 * c0_(i, j) + g1_(i, j);
        const Quad q2 = g2 * g2 * c0_(i, j) + 2 * g2 * g1_(i, j) + g2_(i, j);
        const Quad q3 = g2 * g2 * g2 * c0_(i, j) + 3 * g2 * g2 * g1_(i, j) + 3 * g2 * g2_(i, j) + g3_(i, j);
        for (std::size_t t = 0; t < num_steps_; ++t) {
          q(t * num_nodes_ + i, t * num_nodes_ + j) =
              ge2 * (temporal.m0[t] * q3 + gt * temporal.m1[t] * q2 + gt * gt * temporal.m2_diagonal[t] * q1);
          if (t + 1 == num_steps_) continue;
          const Quad off = ge2 * gt * gt * temporal.m2_off_diagonal[t] * q1;
          q(t * num_nodes_ + i, (t + 1) * num_nodes_ + j) = off;
          q((t + 1) * num_nodes_ + j, t * num_nodes_ + i) = off;
        }
      }
    }
    for (std::size_t i = fixed; i < q.size(); ++i) q(i, i) = model_.fixed_effects_prior_precision;
    return q;
  }

  /** Adds tau A' W A and returns tau A' W y. */
  std::vector<Quad> add_data(Quad tau, Matrix& q) const {
    const auto& group = model_.observations[0];
    const auto num_covariates = static_cast<std::size_t>(group.num_covariates);
    std::vector<Quad> rhs(q.size(), Quad(0));
    for (std::size_t i = 0; i < group.y.size(); ++i) {
      const Quad weight = tau * (group.weights.empty() ? 1.0 : group.weights[i]);
      std::vector<std::pair<std::size_t, Quad>> row;
      for (auto p = group.projector.row_pointers[i]; p < group.projector.row_pointers[i + 1]; ++p) {
        row.emplace_back(static_cast<std::size_t>(group.time_index[i]) * num_nodes_ +
                             static_cast<std::size_t>(group.projector.column_indices[p]),
                         group.projector.values[p]);
      }
      for (std::size_t c = 0; c < num_covariates; ++c) {
        row.emplace_back(num_nodes_ * num_steps_ + c, group.covariates[i * num_covariates + c]);
      }
      for (const auto& [a, va] : row) {
        rhs[a] += weight * va * group.y[i];
        for (const auto& [b, vb] : row) q(a, b) += weight * va * vb;
      }
    }
    return rhs;
  }

  /** Section 2 of the notation, up to constants. */
  Quad objective(const std::vector<Quad>& theta) const {
    const auto& group = model_.observations[0];
    const Quad tau = exponential(theta[3]);
    Matrix q = prior(theta);
    const Quad log_prior_determinant = cholesky(q).second;
    auto half_mean = add_data(tau, q);
    const auto [factor, log_determinant] = cholesky(q);
    solve_lower(factor, half_mean);
    Quad explained = 0;
    for (const Quad value : half_mean) explained += value * value;
    Quad squares = 0;
    for (std::size_t i = 0; i < group.y.size(); ++i) {
      squares += Quad(group.weights.empty() ? 1.0 : group.weights[i]) * group.y[i] * group.y[i];
    }
    Quad value = theta[3] * static_cast<int>(group.y.size()) / 2 - tau * squares / 2 + explained / 2 +
                 log_prior_determinant / 2 - log_determinant / 2;
    for (std::size_t i = 0; i < theta.size(); ++i) {
      const Quad shift = theta[i] - model_.priors[i].mean;
      value -= model_.priors[i].precision * shift * shift / 2;
    }
    return -value;
  }

  /** By twenty power and inverse iterations. */
  double condition(const std::vector<Quad>& theta) const {
    Matrix q = prior(theta);
    (void)add_data(exponential(theta[3]), q);
    const auto factor = cholesky(q).first;
    std::vector<Quad> large(q.size(), Quad(1));
    std::vector<Quad> small(q.size(), Quad(1));
    Quad largest = 0;
    Quad smallest = 0;
    for (int k = 0; k < 20; ++k) {
      std::vector<Quad> next(q.size(), Quad(0));
      for (std::size_t i = 0; i < q.size(); ++i) {
        for (std::size_t j = 0; j < q.size(); ++j) next[i] += q(i, j) * large[j];
      }
      largest = normalise(next);
      large = std::move(next);
      solve_lower(factor, small);
      solve_upper(factor, small);
      smallest = 1 / normalise(small);
    }
    return static_cast<double>(largest / smallest);
  }

 private:
  static Quad normalise(std::vector<Quad>& v) {
    Quad squares = 0;
    for (const Quad value : v) squares += value * value;
    const Quad norm = square_root(squares);
    for (Quad& value : v) value /= norm;
    return norm;
  }

  const EngineModel& model_;
  std::size_t num_nodes_;
  std::size_t num_steps_;
  Matrix c0_;
  Matrix g1_;
  Matrix g2_;
  Matrix g3_;
};

}  // namespace

QuadAnswer quad_answer(const EngineModel& model, std::span<const double> theta) {
  const QuadModel quad(model);
  const std::vector<Quad> at(theta.begin(), theta.end());
  QuadAnswer answer;
  // Truncation h^6/140 of the seventh derivative: 1e-20; rounding 1e-33 times the condition over h: 1e-19.
  const Quad h = Quad(1) / 1024;
  for (std::size_t i = 0; i < at.size(); ++i) {
    const auto value = [&](int multiple) {
      auto shifted = at;
      shifted[i] += multiple * h;
      return quad.objective(shifted);
    };
    const Quad slope = (45 * (value(1) - value(-1)) - 9 * (value(2) - value(-2)) + (value(3) - value(-3))) / (60 * h);
    answer.gradient.push_back(static_cast<double>(slope));
  }
  answer.condition = quad.condition(at);
  return answer;
}

}  // namespace tramontana::testing

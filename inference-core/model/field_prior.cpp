// SPDX-License-Identifier: Apache-2.0
#include "model/field_prior.hpp"

#include <cmath>
#include <string>

#include "tramontana/errors.hpp"

namespace tramontana {
FieldPrior::FieldPrior(const LatentModel& model, std::span<const double> eigenvalues,
                       std::span<const double> parameters)
    : model_(model),
      num_steps_(model.temporal_terms()[0].diagonal.size()),
      modes_(model.mode_coefficients(parameters, eigenvalues)),
      polynomials_(model.polynomials(parameters)) {
  const std::size_t n = num_modes();
  diagonal_.assign(num_steps_ * n, 0.0);
  off_diagonal_.assign((num_steps_ - 1) * n, 0.0);
  pivots_.assign(num_steps_ * n, 0.0);
  for (std::size_t r = 0; r < terms().size(); ++r) {
    const auto& term = terms()[r];
    for (std::size_t mode = 0; mode < n; ++mode) {
      const double value = modes_[mode][r].value;
      for (std::size_t step = 0; step < num_steps_; ++step) {
        diagonal_[step * n + mode] += term.diagonal[step] * value;
        if (step + 1 < num_steps_) off_diagonal_[step * n + mode] += term.off_diagonal[step] * value;
      }
    }
  }
  for (std::size_t step = 0; step < num_steps_; ++step) {
    for (std::size_t mode = 0; mode < n; ++mode) {
      double pivot = diagonal_[step * n + mode];
      if (step > 0) {
        const double off = off_diagonal_[(step - 1) * n + mode];
        pivot -= off * off / pivots_[(step - 1) * n + mode];
      }
      if (!(pivot > 0.0) || !std::isfinite(pivot)) {
        throw NotPositiveDefinite("The prior precision of time step " + std::to_string(step) + ", mode " +
                                      std::to_string(mode) + " must have a positive finite pivot, found " +
                                      std::to_string(pivot) + ".",
                                  {{"block", static_cast<std::int64_t>(step)},
                                   {"pivot", static_cast<std::int64_t>(mode)},
                                   {"pivotValue", pivot}});
      }
      pivots_[step * n + mode] = pivot;
      log_determinant_ += std::log(pivot);
    }
  }
}

ModeMoments FieldPrior::prior_moments() const {
  const std::size_t n = num_modes();
  ModeMoments moments(terms().size() * n, 0.0);
  std::vector<double> variance(n);
  // Selected inverse of each tridiagonal matrix, from the last step back.
  for (std::size_t step = num_steps_; step-- > 0;) {
    const auto pivot = pivots(step);
    for (std::size_t mode = 0; mode < n; ++mode) {
      double covariance = 0.0;
      double value = 1.0 / pivot[mode];
      if (step + 1 < num_steps_) {
        const double factor = -off_diagonal_[step * n + mode] / pivot[mode];
        covariance = factor * variance[mode];
        value += factor * covariance;
      }
      variance[mode] = value;
      for (std::size_t r = 0; r < terms().size(); ++r) {
        double& moment = moments[r * n + mode];
        moment += terms()[r].diagonal[step] * value;
        if (step + 1 < num_steps_) moment += 2.0 * terms()[r].off_diagonal[step] * covariance;
      }
    }
  }
  return moments;
}

std::array<double, max_field_parameters> FieldPrior::contract(std::span<const double> moments) const {
  const std::size_t n = num_modes();
  std::array<double, max_field_parameters> gradient{};
  for (std::size_t r = 0; r < terms().size(); ++r) {
    for (std::size_t parameter = 0; parameter < max_field_parameters; ++parameter) {
      double sum = 0.0;
      for (std::size_t mode = 0; mode < n; ++mode) {
        sum += modes_[mode][r].derivative[parameter] * moments[r * n + mode];
      }
      gradient[parameter] += 0.5 * sum;
    }
  }
  return gradient;
}

void FieldPrior::apply(const BlockVector& z, std::size_t offset, BlockVector& result) const {
  const std::size_t n = num_modes();
  for (std::size_t step = 0; step < num_steps_; ++step) {
    for (std::size_t column = 0; column < z.num_columns(); ++column) {
      double* target = result.block(step).column(column) + offset;
      const double* here = z.block(step).column(column) + offset;
      for (std::size_t mode = 0; mode < n; ++mode) target[mode] = diagonal_[step * n + mode] * here[mode];
      if (step > 0) {
        const double* before = z.block(step - 1).column(column) + offset;
        for (std::size_t mode = 0; mode < n; ++mode)
          target[mode] += off_diagonal_[(step - 1) * n + mode] * before[mode];
      }
      if (step + 1 < num_steps_) {
        const double* after = z.block(step + 1).column(column) + offset;
        for (std::size_t mode = 0; mode < n; ++mode) target[mode] += off_diagonal_[step * n + mode] * after[mode];
      }
    }
  }
}

void FieldPrior::solve(BlockVector& z, std::size_t offset) const {
  const std::size_t n = num_modes();
  for (std::size_t column = 0; column < z.num_columns(); ++column) {
    for (std::size_t step = 1; step < num_steps_; ++step) {
      const double* before = z.block(step - 1).column(column) + offset;
      double* here = z.block(step).column(column) + offset;
      for (std::size_t mode = 0; mode < n; ++mode) {
        here[mode] -= off_diagonal_[(step - 1) * n + mode] / pivots_[(step - 1) * n + mode] * before[mode];
      }
    }
    for (std::size_t step = num_steps_; step-- > 0;) {
      double* here = z.block(step).column(column) + offset;
      const double* after = step + 1 < num_steps_ ? z.block(step + 1).column(column) + offset : nullptr;
      for (std::size_t mode = 0; mode < n; ++mode) {
        const double coupled = after == nullptr ? 0.0 : off_diagonal_[step * n + mode] * after[mode];
        here[mode] = (here[mode] - coupled) / pivots_[step * n + mode];
      }
    }
  }
}

void FieldPrior::add_derivative_product(std::size_t parameter, const BlockVector& z, std::size_t offset,
                                        std::size_t z_column, BlockVector& result, std::size_t result_column) const {
  const std::size_t n = num_modes();
  std::vector<double> slope(n);
  for (std::size_t r = 0; r < terms().size(); ++r) {
    const auto& term = terms()[r];
    for (std::size_t mode = 0; mode < n; ++mode) {
      slope[mode] = modes_[mode][r].derivative[parameter];
    }
    for (std::size_t step = 0; step < num_steps_; ++step) {
      double* target = result.block(step).column(result_column) + offset;
      const double* here = z.block(step).column(z_column) + offset;
      const double* before = step > 0 ? z.block(step - 1).column(z_column) + offset : nullptr;
      const double* after = step + 1 < num_steps_ ? z.block(step + 1).column(z_column) + offset : nullptr;
      for (std::size_t mode = 0; mode < n; ++mode) {
        double sum = term.diagonal[step] * here[mode];
        if (before != nullptr) sum += term.off_diagonal[step - 1] * before[mode];
        if (after != nullptr) sum += term.off_diagonal[step] * after[mode];
        target[mode] += slope[mode] * sum;
      }
    }
  }
}

void FieldPrior::color(BlockVector& z, std::size_t offset) const {
  const std::size_t n = num_modes();
  for (std::size_t column = 0; column < z.num_columns(); ++column) {
    for (std::size_t step = num_steps_; step-- > 0;) {
      double* here = z.block(step).column(column) + offset;
      const double* after = step + 1 < num_steps_ ? z.block(step + 1).column(column) + offset : nullptr;
      for (std::size_t mode = 0; mode < n; ++mode) {
        here[mode] /= std::sqrt(pivots_[step * n + mode]);
        if (after != nullptr) here[mode] -= off_diagonal_[step * n + mode] / pivots_[step * n + mode] * after[mode];
      }
    }
  }
}

void FieldPrior::add_moments(const BlockVector& z, std::size_t offset, ModeMoments& moments) const {
  const std::size_t n = num_modes();
  for (std::size_t column = 0; column < z.num_columns(); ++column) {
    for (std::size_t step = 0; step < num_steps_; ++step) {
      const double* here = z.block(step).column(column) + offset;
      const double* after = step + 1 < num_steps_ ? z.block(step + 1).column(column) + offset : nullptr;
      for (std::size_t r = 0; r < terms().size(); ++r) {
        const double diagonal = terms()[r].diagonal[step];
        const double off = after == nullptr ? 0.0 : 2.0 * terms()[r].off_diagonal[step];
        double* moment = moments.data() + r * n;
        for (std::size_t mode = 0; mode < n; ++mode) {
          moment[mode] += diagonal * here[mode] * here[mode];
          if (after != nullptr) moment[mode] += off * here[mode] * after[mode];
        }
      }
    }
  }
}

}  // namespace tramontana

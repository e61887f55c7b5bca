// SPDX-License-Identifier: Apache-2.0
#include "textbook_precision.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "matrix/csr_operations.hpp"

namespace tramontana::bench {
namespace {

constexpr std::size_t range_s = 0;
constexpr std::size_t range_t = 1;
constexpr std::size_t sigma = 2;

/** Exponents of one coefficient: it is constant * ge^2 gt^r g^(2 (m - p)) with m = 3 - r. */
struct Monomial {
  double binomial;
  double power_of_g;
};

Monomial monomial(std::size_t r, std::size_t p) {
  constexpr std::array<std::array<double, num_powers>, num_temporal> binomials{
      {{1.0, 3.0, 3.0, 1.0}, {1.0, 2.0, 1.0, 0.0}, {1.0, 1.0, 0.0, 0.0}}};
  return {binomials[r][p], 2.0 * (3.0 - static_cast<double>(r) - static_cast<double>(p))};
}

/** Coefficients of one field on the plane, from log range_s, log range_t, log sigma. */
Coefficients field_coefficients(const std::array<double, 3>& parameters) {
  const double log_g = 0.5 * std::log(8.0) - parameters[range_s];
  const double log_gt = parameters[range_t] - 0.5 * std::log(4.0) + 2.0 * log_g;
  const double log_c1 = 0.5 * std::log(std::numbers::pi) - 1.5 * std::log(4.0 * std::numbers::pi);
  const double log_ge = 0.5 * log_c1 - 0.5 * log_gt - log_g - parameters[sigma];
  Coefficients result{};
  for (std::size_t r = 0; r < num_temporal; ++r) {
    for (std::size_t p = 0; p < num_powers; ++p) {
      const auto [binomial, power_of_g] = monomial(r, p);
      result[r][p] = binomial * std::exp(2.0 * log_ge + static_cast<double>(r) * log_gt + power_of_g * log_g);
    }
  }
  return result;
}

/** d log coefficient[r][p] by one parameter: d(log g, log gt, log ge) = (-1, -2, 2), (0, 1, -1/2), (0, 0, -1). */
double log_derivative(std::size_t parameter, std::size_t r, std::size_t p) {
  const auto power_of_gt = static_cast<double>(r);
  if (parameter == range_s) return 4.0 - 2.0 * power_of_gt - monomial(r, p).power_of_g;
  if (parameter == range_t) return power_of_gt - 1.0;
  return -2.0;
}

std::array<double, 3> field_parameters(const TextbookLayout& layout, std::size_t process,
                                       std::span<const double> theta) {
  const auto& index = layout.field[process];
  return {theta[index[0]], theta[index[1]], theta[index[2]]};
}

void add_scaled(double alpha, const Coefficients& source, Coefficients& target) {
  for (std::size_t r = 0; r < num_temporal; ++r) {
    for (std::size_t p = 0; p < num_powers; ++p) target[r][p] += alpha * source[r][p];
  }
}

/** The values of `matrix` on a larger pattern. */
std::vector<double> values_on(const CsrMatrix& pattern, const CsrMatrix& matrix) {
  std::vector<double> values(pattern.values.size(), 0.0);
  for (std::int32_t row = 0; row < matrix.num_rows; ++row) {
    const auto first = pattern.column_indices.begin() + pattern.row_pointers[row];
    const auto last = pattern.column_indices.begin() + pattern.row_pointers[row + 1];
    for (auto entry = matrix.row_pointers[row]; entry < matrix.row_pointers[row + 1]; ++entry) {
      const auto found = std::lower_bound(first, last, matrix.column_indices[entry]);
      values[static_cast<std::size_t>(found - pattern.column_indices.begin())] += matrix.values[entry];
    }
  }
  return values;
}

}  // namespace

TextbookLayout::TextbookLayout(std::size_t num_processes) : field(num_processes), noise(num_processes) {
  if (num_processes == 1) {
    field[0] = {0, 1, 2};
    noise[0] = 3;
    size = 4;
    return;
  }
  for (std::size_t k = 0; k < num_processes; ++k) {
    field[k] = {3 * k, 3 * k + 1, 3 * num_processes + k};
    noise[k] = 3 * k + 2;
  }
  size = 4 * num_processes;
  for (std::size_t target = 1; target < num_processes; ++target) {
    for (std::size_t source = target; source-- > 0;) lambdas.push_back({target, source, size++});
  }
}

TextbookPrecision::TextbookPrecision(const EngineModel& model)
    : num_nodes_(model.c0.size()),
      num_steps_(static_cast<std::size_t>(model.num_time_steps)),
      num_processes_(model.observations.size()),
      layout_(model.observations.size()),
      temporal_(*model.temporal) {
  std::vector<double> inverse_mass(num_nodes_);
  for (std::size_t i = 0; i < num_nodes_; ++i) inverse_mass[i] = 1.0 / model.c0[i];
  const auto g2 = scaled_product(model.g1, inverse_mass, model.g1);
  pattern_ = scaled_product(model.g1, inverse_mass, g2);
  powers_ = {values_on(pattern_, diagonal_matrix(model.c0)), values_on(pattern_, model.g1), values_on(pattern_, g2),
             pattern_.values};
}

std::vector<double> TextbookPrecision::transformation(std::span<const double> theta) const {
  std::vector<double> t(num_processes_ * num_processes_, 0.0);
  for (std::size_t k = 0; k < num_processes_; ++k) t[k * num_processes_ + k] = 1.0;
  for (const auto& lambda : layout_.lambdas) t[lambda.target * num_processes_ + lambda.source] = -theta[lambda.index];
  return t;
}

TextbookPrecision::JointCoefficients TextbookPrecision::coefficients(std::span<const double> theta) const {
  const auto t = transformation(theta);
  JointCoefficients result(num_processes_ * num_processes_, Coefficients{});
  for (std::size_t k = 0; k < num_processes_; ++k) {
    const auto own = field_coefficients(field_parameters(layout_, k, theta));
    for (std::size_t i = 0; i <= k; ++i) {
      for (std::size_t j = 0; j <= k; ++j) {
        add_scaled(t[k * num_processes_ + i] * t[k * num_processes_ + j], own, result[i * num_processes_ + j]);
      }
    }
  }
  return result;
}

std::vector<TextbookPrecision::JointCoefficients> TextbookPrecision::derivatives(std::span<const double> theta) const {
  const std::size_t n = num_processes_;
  const auto t = transformation(theta);
  std::vector<JointCoefficients> result(layout_.size, JointCoefficients(n * n, Coefficients{}));
  for (std::size_t k = 0; k < n; ++k) {
    const auto own = field_coefficients(field_parameters(layout_, k, theta));
    for (std::size_t parameter = 0; parameter < 3; ++parameter) {
      auto slope = own;
      for (std::size_t r = 0; r < num_temporal; ++r) {
        for (std::size_t p = 0; p < num_powers; ++p) slope[r][p] *= log_derivative(parameter, r, p);
      }
      auto& target = result[layout_.field[k][parameter]];
      for (std::size_t i = 0; i <= k; ++i) {
        for (std::size_t j = 0; j <= k; ++j) add_scaled(t[k * n + i] * t[k * n + j], slope, target[i * n + j]);
      }
    }
    // dT = -e_target e_source': the row k = target of T changes in the column `source`.
    for (const auto& lambda : layout_.lambdas) {
      if (lambda.target != k) continue;
      auto& target = result[lambda.index];
      for (std::size_t j = 0; j <= k; ++j) {
        add_scaled(-t[k * n + j], own, target[lambda.source * n + j]);
        add_scaled(-t[k * n + j], own, target[j * n + lambda.source]);
      }
    }
  }
  return result;
}

void TextbookPrecision::combine(const Coefficients& coefficients, const std::array<double, num_temporal>& temporal,
                                std::vector<double>& values) const {
  std::array<double, num_powers> weights{};
  for (std::size_t p = 0; p < num_powers; ++p) {
    for (std::size_t r = 0; r < num_temporal; ++r) weights[p] += temporal[r] * coefficients[r][p];
  }
  for (std::size_t entry = 0; entry < values.size(); ++entry) {
    values[entry] = weights[0] * powers_[0][entry] + weights[1] * powers_[1][entry] + weights[2] * powers_[2][entry] +
                    weights[3] * powers_[3][entry];
  }
}

void TextbookPrecision::scatter(const JointCoefficients& coefficients, const std::array<double, num_temporal>& temporal,
                                bool lower_only, MatrixView out) const {
  std::fill_n(out.data, out.rows * out.columns, 0.0);
  std::vector<double> values(pattern_.values.size());
  for (std::size_t i = 0; i < num_processes_; ++i) {
    for (std::size_t j = 0; j < (lower_only ? i + 1 : num_processes_); ++j) {
      combine(coefficients[i * num_processes_ + j], temporal, values);
      const auto block = out.block(i * num_nodes_, j * num_nodes_, num_nodes_, num_nodes_);
      for (std::int32_t row = 0; row < pattern_.num_rows; ++row) {
        for (auto entry = pattern_.row_pointers[row]; entry < pattern_.row_pointers[row + 1]; ++entry) {
          block(static_cast<std::size_t>(row), static_cast<std::size_t>(pattern_.column_indices[entry])) =
              values[static_cast<std::size_t>(entry)];
        }
      }
    }
  }
}

void TextbookPrecision::assemble(const JointCoefficients& coefficients, BlockArrowMatrix& matrix) const {
  for (std::size_t step = 0; step < num_steps_; ++step) {
    scatter(coefficients, {temporal_.m0[step], temporal_.m1[step], temporal_.m2_diagonal[step]}, true,
            matrix.diagonal[step].view());
    if (step + 1 < num_steps_) {
      scatter(coefficients, {0.0, 0.0, temporal_.m2_off_diagonal[step]}, false, matrix.lower[step].view());
    }
    std::fill_n(matrix.arrow[step].data(), matrix.arrow[step].rows() * matrix.arrow[step].columns(), 0.0);
  }
}

TextbookPrecision::Moments TextbookPrecision::zero_moments() const {
  return Moments(num_processes_ * num_processes_ * num_temporal, std::vector<double>(pattern_.values.size(), 0.0));
}

void TextbookPrecision::add_moments(double alpha, const SelectedBlocks& blocks, Moments& moments) const {
  const std::size_t step = blocks.step;
  const std::array<double, num_temporal> weights{alpha * temporal_.m0[step], alpha * temporal_.m1[step],
                                                 alpha * temporal_.m2_diagonal[step]};
  for (std::size_t i = 0; i < num_processes_; ++i) {
    for (std::size_t j = 0; j < num_processes_; ++j) {
      auto* moment = &moments[(i * num_processes_ + j) * num_temporal];
      const auto within = blocks.diagonal.block(i * num_nodes_, j * num_nodes_, num_nodes_, num_nodes_);
      const bool has_next = blocks.lower.data != nullptr;
      const auto across =
          has_next ? blocks.lower.block(i * num_nodes_, j * num_nodes_, num_nodes_, num_nodes_) : ConstMatrixView{};
      const double off = has_next ? 2.0 * alpha * temporal_.m2_off_diagonal[step] : 0.0;
      for (std::int32_t row = 0; row < pattern_.num_rows; ++row) {
        for (auto entry = pattern_.row_pointers[row]; entry < pattern_.row_pointers[row + 1]; ++entry) {
          const auto e = static_cast<std::size_t>(entry);
          const auto a = static_cast<std::size_t>(row);
          const auto b = static_cast<std::size_t>(pattern_.column_indices[e]);
          const double value = within(a, b);
          moment[0][e] += weights[0] * value;
          if (weights[1] != 0.0) moment[1][e] += weights[1] * value;
          moment[2][e] += weights[2] * value;
          if (has_next) moment[2][e] += off * across(a, b);
        }
      }
    }
  }
}

void TextbookPrecision::add_moments(const std::vector<double>& x, Moments& moments) const {
  const std::size_t size = num_processes_ * num_nodes_;
  for (std::size_t step = 0; step < num_steps_; ++step) {
    const double* here = x.data() + step * size;
    for (std::size_t i = 0; i < num_processes_; ++i) {
      for (std::size_t j = 0; j < num_processes_; ++j) {
        auto* moment = &moments[(i * num_processes_ + j) * num_temporal];
        for (std::int32_t row = 0; row < pattern_.num_rows; ++row) {
          const double left = here[i * num_nodes_ + static_cast<std::size_t>(row)];
          const double left_next =
              step + 1 < num_steps_ ? here[size + i * num_nodes_ + static_cast<std::size_t>(row)] : 0.0;
          for (auto entry = pattern_.row_pointers[row]; entry < pattern_.row_pointers[row + 1]; ++entry) {
            const auto e = static_cast<std::size_t>(entry);
            const double right = here[j * num_nodes_ + static_cast<std::size_t>(pattern_.column_indices[e])];
            moment[0][e] += temporal_.m0[step] * left * right;
            moment[1][e] += temporal_.m1[step] * left * right;
            moment[2][e] += temporal_.m2_diagonal[step] * left * right;
            if (step + 1 < num_steps_) moment[2][e] += 2.0 * temporal_.m2_off_diagonal[step] * left_next * right;
          }
        }
      }
    }
  }
}

double TextbookPrecision::trace(const JointCoefficients& coefficients, const Moments& moments) const {
  double sum = 0.0;
  for (std::size_t pair = 0; pair < coefficients.size(); ++pair) {
    for (std::size_t r = 0; r < num_temporal; ++r) {
      const auto& moment = moments[pair * num_temporal + r];
      for (std::size_t p = 0; p < num_powers; ++p) {
        const double coefficient = coefficients[pair][r][p];
        if (coefficient == 0.0) continue;
        double product = 0.0;
        for (std::size_t entry = 0; entry < moment.size(); ++entry) product += powers_[p][entry] * moment[entry];
        sum += coefficient * product;
      }
    }
  }
  return sum;
}

}  // namespace tramontana::bench

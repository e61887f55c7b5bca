// SPDX-License-Identifier: Apache-2.0
#include "model/matern_model.hpp"

#include <cmath>
#include <numbers>

namespace tramontana {
namespace {

template <class Scalar>
CoefficientTable<Scalar> matern_coefficients(const Scalar& log_range_s, const Scalar& log_sigma) {
  using std::exp;
  const Scalar log_g2 = Scalar(std::log(8.0)) - Scalar(2.0) * log_range_s;
  const Scalar g2 = exp(log_g2);
  const Scalar ge2 = exp(-(Scalar(std::log(4.0 * std::numbers::pi)) + log_g2 + Scalar(2.0) * log_sigma));
  CoefficientTable<Scalar> table{};
  table[0] = {ge2 * g2 * g2, Scalar(2.0) * ge2 * g2, ge2, Scalar(0.0)};
  return table;
}

}  // namespace

MaternModel::MaternModel() : terms_{{{1.0}, {}}} {}

std::vector<std::string> MaternModel::parameter_names() const { return {"log_range_s", "log_sigma"}; }

FieldCoefficients MaternModel::coefficients(std::span<const double> parameters) const {
  const auto p = as_variables(parameters);
  return matern_coefficients(p[0], p[1]);
}

}  // namespace tramontana

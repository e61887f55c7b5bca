// SPDX-License-Identifier: Apache-2.0
#include "support/hessian_by_differences.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tramontana::testing {

std::vector<double> hessian_by_differences(const PreparedModel& model, std::vector<double> theta) {
  const std::size_t d = theta.size();
  constexpr double step = 4e-3;
  std::vector<double> hessian(d * d, 0.0);
  for (std::size_t j = 0; j < d; ++j) {
    const double here = theta[j];
    for (const auto& [steps, weight] :
         {std::pair{1.0, 2.0 / 3.0}, {-1.0, -2.0 / 3.0}, {2.0, -1.0 / 12.0}, {-2.0, 1.0 / 12.0}}) {
      theta[j] = here + steps * step;
      const auto gradient = evaluate(model, theta, {.gradient = true}).gradient;
      for (std::size_t i = 0; i < d; ++i) hessian[i * d + j] += weight / step * gradient[i];
    }
    theta[j] = here;
  }
  return hessian;
}

void expect_same(const std::vector<double>& found, const std::vector<double>& expected, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  const auto d = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(expected.size()))));
  const auto size = [&](std::size_t i) { return std::max(1.0, std::abs(expected[i * d + i])); };
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      EXPECT_NEAR(found[i * d + j], expected[i * d + j], tolerance * std::sqrt(size(i) * size(j)))
          << what << ": " << i << ", " << j;
    }
  }
}

}  // namespace tramontana::testing

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tramontana/engine.hpp"

namespace tramontana::testing {

/** Pairs of steps far apart may lack 1e-7 of the information; that of differences is nearer. */
inline constexpr double left_out = 1e-6;

/** Differences of exact gradients, of fourth order: errors near 1e-9 of the Hessian. */
[[nodiscard]] std::vector<double> hessian_by_differences(const PreparedModel& model, std::vector<double> theta);

/** Of the geometric mean of the diagonal entries, or of the information of one observation. */
void expect_same(const std::vector<double>& found, const std::vector<double>& expected, double tolerance,
                 const std::string& what);

}  // namespace tramontana::testing

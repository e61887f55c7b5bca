// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/likelihood.hpp"

namespace tramontana {

[[nodiscard]] const LikelihoodModel& gaussian_likelihood();
[[nodiscard]] const LikelihoodModel& poisson_likelihood();
[[nodiscard]] const LikelihoodModel& binomial_likelihood();
[[nodiscard]] const LikelihoodModel& gamma_likelihood();
[[nodiscard]] const LikelihoodModel& student_t_likelihood();

}  // namespace tramontana

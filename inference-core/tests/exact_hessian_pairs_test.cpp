// SPDX-License-Identifier: Apache-2.0
// Which pairs of steps the exact Hessian may leave out.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "inference/optimiser/exact_hessian.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "support/hessian_by_differences.hpp"
#include "support/random_model.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {
namespace {

using testing::expect_same;
using testing::hessian_by_differences;
using testing::left_out;
using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

void set_all(const PreparedModel& model, std::string_view prefix, double value, std::vector<double>& theta) {
  for (std::size_t i = 0; i < theta.size(); ++i) {
    if (model.layout().names()[i].starts_with(prefix)) theta[i] = value;
  }
}

void expect_exact(const EngineModel& model, const std::vector<double>& theta, const std::string& what) {
  const auto prepared = prepare_model(model, host_backend());
  const auto hessian = exact_hessian(*prepared, theta, {}, nullptr);
  ASSERT_TRUE(hessian.has_value()) << what;
  expect_same(*hessian, hessian_by_differences(*prepared, theta), left_out, what);
}

/** Linear elements in time over steps of these lengths. */
TemporalMatrices temporal_of(const std::vector<double>& lengths) {
  TemporalMatrices result;
  const std::size_t n = lengths.size() + 1;
  result.m0.assign(n, 0.0);
  result.m1.assign(n, 0.0);
  result.m2_diagonal.assign(n, 0.0);
  result.m2_off_diagonal.assign(n - 1, 0.0);
  for (std::size_t i = 0; i + 1 < n; ++i) {
    for (const std::size_t end : {i, i + 1}) {
      result.m0[end] += 0.5 * lengths[i];
      result.m2_diagonal[end] += 1.0 / lengths[i];
    }
    result.m2_off_diagonal[i] = -1.0 / lengths[i];
  }
  result.m1.front() = result.m1.back() = 0.5;
  return result;
}

/** Two runs of days with a pause between them, where the correlation is that of no other step. */
TEST(ExactHessianPairs, IsThatOfDifferencesWithStepsOfUnequalLength) {
  for (const int num_processes : {1, 2}) {
    const RandomModelOptions options{.num_processes = num_processes, .grid = 3, .num_steps = 31, .seed = 29};
    auto model = random_model(options);
    std::vector<double> lengths(30, 0.05);
    lengths[14] = lengths[15] = 200.0;
    model.temporal = temporal_of(lengths);
    auto theta = random_theta(options);
    expect_exact(model, theta, "pause");
    set_all(*prepare_model(model, host_backend()), "log_noise", -3.0, theta);
    expect_exact(model, theta, "pause, noisy data");
    model.temporal = temporal_of(std::vector<double>(30, 0.5));
    model.temporal->m2_off_diagonal[15] = 0.0;
    expect_exact(model, theta, "two periods that know nothing of each other");
  }
}

/** What a prior knows of some components is no reason to leave out what others take from the same pairs. */
TEST(ExactHessianPairs, IsThatOfDifferencesWithPriorsThatKnowNearlyAll) {
  for (const double precision : {1e4, 1e8}) {
    const RandomModelOptions options{
        .kind = ModelKind::separable, .num_processes = 2, .grid = 3, .num_steps = 20, .seed = 30};
    auto model = random_model(options);
    auto theta = random_theta(options);
    const auto plain = prepare_model(model, host_backend());
    set_all(*plain, "rho", 3.0, theta);
    set_all(*plain, "log_noise", -1.0, theta);
    for (std::size_t i = 0; i < theta.size(); ++i) {
      if (plain->layout().names()[i].starts_with("log_noise")) continue;
      model.priors[i].mean = theta[i];
      model.priors[i].precision = precision;
    }
    expect_exact(model, theta, std::to_string(precision));
  }
}

/** What each step may lack does not add up. */
TEST(ExactHessianPairs, IsThatOfDifferencesOfManySteps) {
  const RandomModelOptions options{
      .kind = ModelKind::separable, .grid = 2, .num_steps = 300, .observations_per_step = 3, .seed = 33};
  const auto model = random_model(options);
  auto theta = random_theta(options);
  set_all(*prepare_model(model, host_backend()), "rho", 2.0, theta);
  expect_exact(model, theta, "many steps");
}

}  // namespace
}  // namespace tramontana

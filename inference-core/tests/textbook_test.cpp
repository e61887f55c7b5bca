// SPDX-License-Identifier: Apache-2.0
/** The textbook routes of the benchmarks and the engine share almost no code: they must agree on small models. */
#include "textbook_route.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "grid_model.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {
namespace {

class TextbookRoutes : public ::testing::TestWithParam<bench::GridModelOptions> {};

TEST_P(TextbookRoutes, AgreeWithTheEngineOnObjectiveAndGradient) {
  const auto model = bench::grid_model(GetParam());
  const auto theta = bench::grid_theta(GetParam());
  EvaluationOptions options;
  options.gradient = true;

  const auto engine = evaluate(*prepare_model(model, host_backend()), theta, options);
  bench::TextbookRoute textbook(model);
  const auto adjoint = textbook.objective_and_gradient(theta);
  const auto differences = textbook.objective_and_differences(theta, 1e-4);

  // Nodal coordinates lose some digits of log-determinants of a few hundred.
  EXPECT_NEAR(adjoint.objective, engine.objective, 1e-10 * std::abs(engine.objective));
  EXPECT_EQ(differences.objective, adjoint.objective);
  ASSERT_EQ(adjoint.gradient.size(), engine.gradient.size());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    EXPECT_NEAR(adjoint.gradient[i], engine.gradient[i], 1e-8 * (1.0 + std::abs(engine.gradient[i]))) << "theta " << i;
    // The cube of the step times third derivatives, and rounding of f (1e-13 of a thousand) over the step.
    EXPECT_NEAR(differences.gradient[i], engine.gradient[i], 1e-5 * (1.0 + std::abs(engine.gradient[i])))
        << "theta " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    SmallModels, TextbookRoutes,
    ::testing::Values(bench::GridModelOptions{20, 4, 1, true, 0, 1}, bench::GridModelOptions{23, 6, 2, false, 0, 2},
                      bench::GridModelOptions{17, 5, 3, true, 0, 3}, bench::GridModelOptions{20, 3, 3, false, 0, 4}),
    [](const auto& info) {
      return "Processes" + std::to_string(info.param.num_processes) + (info.param.complete ? "Complete" : "Gaps");
    });

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "support/quad_reference.hpp"
#include "support/random_model.hpp"
#include "tramontana/engine.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

using testing::quad_answer;
using testing::random_model;
using testing::RandomModelOptions;

struct IllConditioned {
  const char* name;
  RandomModelOptions options;
  std::vector<double> theta;  ///< log range_s, log range_t, log sigma, log tau
};

/** The mesh is a square of side 3: a range of 30 is ten times the domain; a noise sd of 1e-3 is tau = 1e6. */
const IllConditioned cases[] = {
    {"range of ten domains, noise 1e-3", {.seed = 31}, {std::log(30.0), std::log(2.5), 0.0, std::log(1e6)}},
    {"with gaps", {.num_steps = 7, .gaps = true, .seed = 32}, {std::log(30.0), std::log(2.5), 0.0, std::log(1e6)}},
    {"slow in time as well",
     {.num_steps = 6, .same_pattern = true, .weights = true, .seed = 33},
     {std::log(30.0), std::log(50.0), 0.3, std::log(1e6)}},
    {"hardly any data", {.observations_per_step = 2, .seed = 34}, {std::log(30.0), std::log(2.5), 0.5, std::log(1e6)}},
};

TEST(IllConditioned, GradientInSpectralCoordinatesAgreesWithQuadPrecision) {
  for (const auto& [name, options, theta] : cases) {
    SCOPED_TRACE(name);
    const auto model = random_model(options);
    const auto expected = quad_answer(model, theta);
    EXPECT_GT(expected.condition, 1e10);
    const auto found = evaluate(*prepare_model(model, host_backend()), theta, {.gradient = true});
    for (std::size_t i = 0; i < theta.size(); ++i) {
      EXPECT_NEAR(found.gradient[i], expected.gradient[i], 1e-8 * (1.0 + std::abs(expected.gradient[i])))
          << "component " << i;
    }
  }
}

TEST(IllConditioned, DoublingAgreesWithQuadPrecision) {
  // One observation a day with hardly any noise, nothing elsewhere: thirty steps to the steady state.
  const RandomModelOptions options{
      .grid = 2, .num_steps = 45, .observations_per_step = 1, .same_pattern = true, .weights = true, .seed = 36};
  const std::vector<double> theta{std::log(2.0), std::log(10.0), 0.3, std::log(1e6)};
  const auto model = random_model(options);
  const auto expected = quad_answer(model, theta);
  const auto found = evaluate(*prepare_model(model, host_backend()), theta, {.gradient = true});
  EXPECT_NE(found.recursion.find("doubling"), std::string::npos) << found.recursion;
  EXPECT_GT(expected.condition, 1e10);
  for (std::size_t i = 0; i < theta.size(); ++i) {
    EXPECT_NEAR(found.gradient[i], expected.gradient[i], 1e-8 * (1.0 + std::abs(expected.gradient[i])));
  }
}

TEST(IllConditioned, QuadReferenceAgreesWithTheEngineWhereAllIsWell) {
  const RandomModelOptions options{.gaps = true, .seed = 35};
  const auto model = random_model(options);
  const auto theta = testing::random_theta(options);
  const auto expected = quad_answer(model, theta);
  const auto found = evaluate(*prepare_model(model, host_backend()), theta, {.gradient = true});
  // A condition of 1e5 or so leaves ten digits to a double.
  for (std::size_t i = 0; i < theta.size(); ++i) {
    EXPECT_NEAR(found.gradient[i], expected.gradient[i], 1e-11 * (1.0 + std::abs(expected.gradient[i])));
  }
}

/** From ordinary data to hardly any noise: where the digits of the prior are gone, the engine must say so. */
TEST(NearlyNoNoise, IsRightOrRefused) {
  int right = 0;
  int refused = 0;
  for (const auto& options :
       {RandomModelOptions{.seed = 41}, RandomModelOptions{.num_steps = 3, .gaps = true, .seed = 42},
        RandomModelOptions{.observations_per_step = 3, .weights = true, .seed = 43}}) {
    const auto model = random_model(options);
    const auto prepared = prepare_model(model, host_backend());
    for (const double log_tau : {10.0, 14.0, 17.0, 20.0, 23.0, 26.0, 30.0, 35.0, 40.0}) {
      SCOPED_TRACE("seed " + std::to_string(options.seed) + ", log tau " + std::to_string(log_tau));
      const std::vector<double> theta{std::log(4.0), std::log(2.5), 0.5, log_tau};
      for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
        std::vector<double> found;
        try {
          found = evaluate(*prepared, theta, {.gradient = true, .coordinates = coordinates}).gradient;
        } catch (const NotPositiveDefinite&) {
          ++refused;
          continue;
        }
        ++right;
        const auto expected = quad_answer(model, theta);
        for (std::size_t i = 0; i < theta.size(); ++i) {
          EXPECT_NEAR(found[i], expected.gradient[i], 1e-3 * (1.0 + std::abs(expected.gradient[i])))
              << "component " << i;
        }
      }
    }
  }
  EXPECT_GE(right, 12);
  EXPECT_GE(refused, 12);
}

}  // namespace
}  // namespace tramontana

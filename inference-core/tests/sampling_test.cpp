// SPDX-License-Identifier: Apache-2.0
#include "tramontana/sampling.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "support/dense_reference.hpp"
#include "support/random_model.hpp"

namespace tramontana {
namespace {

using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

struct SamplingFixture : ::testing::Test {
  RandomModelOptions options{.num_processes = 2, .grid = 3, .num_steps = 3, .observations_per_step = 6, .seed = 91};
  EngineModel model = random_model(options);
  std::vector<double> theta = random_theta(options);
  std::shared_ptr<const PreparedModel> prepared = prepare_model(model, host_backend());
};

TEST_F(SamplingFixture, MeanAndCovarianceAreThoseOfTheDensePosterior) {
  const auto expected = testing::dense_answer(model, theta);
  const std::size_t size = expected.mean.size();
  for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
    SamplingOptions sampling;
    sampling.num_samples = 4000;
    sampling.latent = true;
    sampling.evaluation.coordinates = coordinates;
    const std::vector<SamplingPoint> points{{theta, 1.0}};
    const auto samples = sample_posterior(*prepared, points, sampling);
    ASSERT_EQ(samples.latent.size(), 4000 * size);
    std::vector<double> mean(size, 0.0);
    for (std::size_t s = 0; s < 4000; ++s) {
      for (std::size_t i = 0; i < size; ++i) mean[i] += samples.latent[s * size + i] / 4000.0;
    }
    for (std::size_t i = 0; i < size; ++i) {
      // Five standard errors, for sixty components.
      EXPECT_NEAR(mean[i], expected.mean[i], 5.0 * std::sqrt(expected.covariance(i, i) / 4000.0));
    }
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double covariance = 0.0;
        for (std::size_t s = 0; s < 4000; ++s) {
          covariance += (samples.latent[s * size + i] - expected.mean[i]) *
                        (samples.latent[s * size + j] - expected.mean[j]) / 4000.0;
        }
        const double exact = expected.covariance(i, j);
        // The variance of a product of normals is v_i v_j + c^2; five and a half errors for 1700 pairs.
        const double error =
            std::sqrt((expected.covariance(i, i) * expected.covariance(j, j) + exact * exact) / 4000.0);
        EXPECT_NEAR(covariance, exact, 5.5 * error) << i << " " << j;
      }
    }
  }
}

TEST_F(SamplingFixture, PredictionsBelongToTheLatentSample) {
  SamplingOptions sampling;
  sampling.num_samples = 40;
  sampling.latent = true;
  PredictionDesign design{1, {2, 0}, {}, {0.5, 2.0}};
  design.projector = {1, 9, {0, 2}, {3, 7}, {0.25, 0.75}};
  sampling.predictions = {design};
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  const auto samples = sample_posterior(*prepared, points, sampling);
  const std::size_t size = 3 * 2 * 9 + 3;
  for (std::size_t s = 0; s < 40; ++s) {
    const double* latent = samples.latent.data() + s * size;
    for (std::size_t t = 0; t < 2; ++t) {
      const double* field = latent + (t == 0 ? 2 : 0) * 18 + 9;
      // Process 1 has the fixed effects 1 and 2 of three.
      const double value = 0.25 * field[3] + 0.75 * field[7] + 0.5 * latent[55] + 2.0 * latent[56];
      EXPECT_NEAR(samples.predictions[0][s * 2 + t], value, 1e-11);
    }
  }
}

TEST_F(SamplingFixture, ASampleDependsOnSeedAndNumberAlone) {
  const std::vector<SamplingPoint> points{{theta, 1.0}};
  SamplingOptions sampling;
  sampling.latent = true;
  sampling.num_samples = 5;
  const auto few = sample_posterior(*prepared, points, sampling);
  sampling.num_samples = 70;
  const auto many = sample_posterior(*prepared, points, sampling);
  // Products of other widths round differently, no more.
  for (std::size_t i = 0; i < few.latent.size(); ++i) EXPECT_NEAR(few.latent[i], many.latent[i], 1e-11);
  sampling.seed = 2;
  const auto other = sample_posterior(*prepared, points, sampling);
  EXPECT_GT(std::abs(other.latent[0] - many.latent[0]), 1e-6);
}

TEST_F(SamplingFixture, SamplesAreSharedOutByWeight) {
  auto second = theta;
  second[0] += 0.3;
  const std::vector<SamplingPoint> points{{theta, 3.0}, {second, 0.0}, {second, 1.0}};
  SamplingOptions sampling;
  sampling.num_samples = 40;
  const auto samples = sample_posterior(*prepared, points, sampling);
  EXPECT_EQ(std::count(samples.points.begin(), samples.points.end(), 0), 30);
  EXPECT_EQ(std::count(samples.points.begin(), samples.points.end(), 2), 10);
}

TEST_F(SamplingFixture, NamesWhatCannotBeSampled) {
  SamplingOptions sampling;
  EXPECT_THROW(static_cast<void>(sample_posterior(*prepared, {}, sampling)), InvalidModel);
  const std::vector<SamplingPoint> negative{{theta, -1.0}};
  EXPECT_THROW(static_cast<void>(sample_posterior(*prepared, negative, sampling)), InvalidModel);
  const std::vector<SamplingPoint> point{{theta, 1.0}};
  sampling.num_samples = 0;
  EXPECT_THROW(static_cast<void>(sample_posterior(*prepared, point, sampling)), InvalidModel);
}

}  // namespace
}  // namespace tramontana

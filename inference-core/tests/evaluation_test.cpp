// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <thread>

#include "inference/optimiser/curvature.hpp"
#include "inference/posterior/posterior.hpp"
#include "inference/posterior/prepared_model.hpp"
#include "support/dense_reference.hpp"
#include "support/random_model.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {
namespace {

using testing::dense_answer;
using testing::random_model;
using testing::random_theta;
using testing::RandomModelOptions;

struct NamedModel {
  const char* name;
  RandomModelOptions options;
};

void PrintTo(const NamedModel& model, std::ostream* out) { *out << model.name; }

const NamedModel models[] = {
    {"univariate", {}},
    {"univariate_weights", {.weights = true, .penalized_priors = true, .seed = 2}},
    {"univariate_gaps", {.num_steps = 7, .gaps = true, .seed = 3}},
    {"univariate_one_pattern", {.num_steps = 8, .same_pattern = true, .weights = true, .seed = 4}},
    {"univariate_large_mean", {.fixed_effect_offset = 300.0, .seed = 5}},
    {"univariate_two_steps", {.num_steps = 2, .seed = 13}},
    {"sphere", {.manifold = Manifold::sphere, .seed = 6}},
    {"bivariate", {.num_processes = 2, .weights = true, .seed = 7}},
    {"bivariate_gaps", {.num_processes = 2, .num_steps = 6, .gaps = true, .seed = 8}},
    {"trivariate", {.num_processes = 3, .grid = 3, .same_pattern = true, .seed = 9}},
    {"quadrivariate", {.num_processes = 4, .grid = 3, .num_steps = 3, .seed = 10}},
    {"spatial", {.kind = ModelKind::spatial, .observations_per_step = 30, .seed = 11}},
    {"spatial_bivariate", {.kind = ModelKind::spatial, .num_processes = 2, .observations_per_step = 20, .seed = 12}},
};

class EveryModel : public ::testing::TestWithParam<NamedModel> {
 protected:
  const RandomModelOptions& options() const { return GetParam().options; }
};

INSTANTIATE_TEST_SUITE_P(Models, EveryModel, ::testing::ValuesIn(models),
                         [](const auto& info) { return std::string(info.param.name); });

double infinity_norm(const std::vector<double>& values) {
  double norm = 0.0;
  for (const double value : values) norm = std::max(norm, std::abs(value));
  return norm;
}

TEST_P(EveryModel, ObjectiveMeanAndVariancesAgreeWithADenseInverse) {
  const auto model = random_model(options());
  const auto theta = random_theta(options());
  const auto expected = dense_answer(model, theta);
  const auto prepared = prepare_model(model, host_backend());
  for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
    const auto found = evaluate(*prepared, theta, {.latent = true, .coordinates = coordinates});
    // The dense reference loses eps * cond(Q), about 1e-16 * 1e6, in each of its two determinants.
    EXPECT_NEAR(found.objective, expected.objective, 1e-9 * (1.0 + std::abs(expected.objective)));
    EXPECT_NEAR(found.log_determinant_prior, expected.log_determinant_prior, 1e-9);
    EXPECT_NEAR(found.log_determinant_posterior, expected.log_determinant_posterior, 1e-9);
    ASSERT_EQ(found.latent_mean.size(), expected.mean.size());
    const double scale = infinity_norm(expected.mean);
    for (std::size_t i = 0; i < expected.mean.size(); ++i) {
      ASSERT_NEAR(found.latent_mean[i], expected.mean[i], 1e-9 * scale);
      ASSERT_NEAR(found.marginal_variances[i] / expected.covariance(i, i), 1.0, 1e-9);
    }
  }
}

/** Sixth-order central differences: error h^6 f'''''''/140 plus eps f / h. */
std::vector<double> difference_gradient(const PreparedModel& prepared, const std::vector<double>& theta) {
  constexpr double h = 4e-3;
  std::vector<double> gradient;
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const auto at = [&](double multiple) {
      auto shifted = theta;
      shifted[i] += multiple * h;
      return evaluate(prepared, shifted, {}).objective;
    };
    gradient.push_back((45.0 * (at(1) - at(-1)) - 9.0 * (at(2) - at(-2)) + (at(3) - at(-3))) / (60.0 * h));
  }
  return gradient;
}

TEST_P(EveryModel, GradientAgreesWithSixthOrderDifferences) {
  const auto prepared = prepare_model(random_model(options()), host_backend());
  const auto theta = random_theta(options());
  const auto expected = difference_gradient(*prepared, theta);
  const auto found = evaluate(*prepared, theta, {.gradient = true});
  // Rounding of the objective over h: 1e-16 * |f| / 4e-3, times a few hundred.
  const double tolerance = 1e-9 * (infinity_norm(expected) + std::abs(found.objective));
  for (std::size_t i = 0; i < theta.size(); ++i) {
    EXPECT_NEAR(found.gradient[i], expected[i], tolerance) << theta_names(*prepared)[i];
  }
}

TEST_P(EveryModel, GradientDoesNotDependOnBasisOrMethod) {
  const auto prepared = prepare_model(random_model(options()), host_backend());
  const auto theta = random_theta(options());
  const auto expected = evaluate(*prepared, theta, {.gradient = true});
  for (const auto coordinates : {EvaluationOptions::Coordinates::spectral, EvaluationOptions::Coordinates::nodal}) {
    for (const auto method :
         {EvaluationOptions::SelectedInverse::backward, EvaluationOptions::SelectedInverse::two_filter,
          EvaluationOptions::SelectedInverse::two_sided}) {
      const auto found = evaluate(
          *prepared, theta, {.gradient = true, .latent = true, .coordinates = coordinates, .selected_inverse = method});
      for (std::size_t i = 0; i < theta.size(); ++i) {
        // Two algorithms on matrices with cond about 1e5.
        EXPECT_NEAR(found.gradient[i], expected.gradient[i], 1e-10 * (1.0 + infinity_norm(expected.gradient)));
      }
    }
  }
}

TEST_P(EveryModel, PredictionAgreesWithTheDenseCovariance) {
  const auto model = random_model(options());
  const auto theta = random_theta(options());
  const auto expected = dense_answer(model, theta);
  const auto prepared = prepare_model(model, host_backend());
  std::vector<PredictionDesign> designs;
  for (std::size_t j = 0; j < model.observations.size(); ++j) {
    PredictionDesign design;
    design.process = static_cast<std::int32_t>(j);
    for (std::int32_t t = 0; t < model.num_time_steps; t += 2) design.time_indices.push_back(t);
    design.projector = model.observations[j].projector;
    design.covariates = model.observations[j].covariates;
    designs.push_back(std::move(design));
  }
  const auto found = predict(*prepared, theta, designs);
  const std::size_t n_s = model.c0.size();
  const std::size_t n_v = model.observations.size();
  std::size_t fixed = n_s * n_v * static_cast<std::size_t>(model.num_time_steps);
  for (std::size_t j = 0; j < n_v; ++j) {
    const auto& design = designs[j];
    const auto p = static_cast<std::size_t>(model.observations[j].num_covariates);
    const auto num_rows = static_cast<std::size_t>(design.projector.num_rows);
    for (std::size_t t = 0; t < design.time_indices.size(); ++t) {
      for (std::size_t row = 0; row < num_rows; ++row) {
        std::vector<std::pair<std::size_t, double>> entries;
        for (auto q = design.projector.row_pointers[row]; q < design.projector.row_pointers[row + 1]; ++q) {
          entries.emplace_back((static_cast<std::size_t>(design.time_indices[t]) * n_v + j) * n_s +
                                   static_cast<std::size_t>(design.projector.column_indices[q]),
                               design.projector.values[q]);
        }
        for (std::size_t c = 0; c < p; ++c) entries.emplace_back(fixed + c, design.covariates[row * p + c]);
        double mean = 0.0;
        double variance = 0.0;
        for (const auto& [a, va] : entries) {
          mean += va * expected.mean[a];
          for (const auto& [b, vb] : entries) variance += va * vb * expected.covariance(a, b);
        }
        ASSERT_NEAR(found[j].mean[t * num_rows + row], mean, 1e-9 * (1.0 + infinity_norm(expected.mean)));
        // The dense sum cancels fixed effect against field: variances up to 1e3 of the result.
        ASSERT_NEAR(found[j].variance[t * num_rows + row] / variance, 1.0, 1e-8);
      }
    }
    fixed += p;
  }
}

TEST(Evaluation, SteadyStateEqualsTheFullRecursion) {
  const RandomModelOptions options{
      .num_processes = 2, .num_steps = 60, .observations_per_step = 20, .same_pattern = true, .weights = true};
  const auto prepared = prepare_model(random_model(options), host_backend());
  const auto theta = random_theta(options);
  const auto truncated = evaluate(*prepared, theta, {.gradient = true});
  const auto complete = evaluate(*prepared, theta, {.gradient = true, .steady_state_tolerance = 0.0});
  EXPECT_NE(truncated.recursion, complete.recursion);
  EXPECT_NEAR(truncated.objective, complete.objective, 1e-12 * std::abs(complete.log_determinant_posterior));
  for (std::size_t i = 0; i < theta.size(); ++i) {
    EXPECT_NEAR(truncated.gradient[i], complete.gradient[i], 1e-12 * (1.0 + infinity_norm(complete.gradient)));
  }
}

TEST(Evaluation, DoublingEqualsTheFullRecursion) {
  // A long temporal range and little data: some forty steps to the steady state.
  const RandomModelOptions options{
      .num_processes = 2, .num_steps = 120, .observations_per_step = 3, .same_pattern = true, .weights = true};
  const auto prepared = prepare_model(random_model(options), host_backend());
  auto theta = random_theta(options);
  theta[1] = theta[4] = std::log(12.0);
  const auto doubled = evaluate(*prepared, theta, {.gradient = true});
  const auto complete = evaluate(*prepared, theta, {.gradient = true, .steady_state_tolerance = 0.0});
  EXPECT_NE(doubled.recursion.find("doubling"), std::string::npos) << doubled.recursion;
  EXPECT_NEAR(doubled.objective, complete.objective, 1e-12 * std::abs(complete.log_determinant_posterior));
  for (std::size_t i = 0; i < theta.size(); ++i) {
    EXPECT_NEAR(doubled.gradient[i], complete.gradient[i], 1e-11 * (1.0 + infinity_norm(complete.gradient)));
  }
}

TEST(Evaluation, DoesNotDependOnTheNumberOfThreads) {
  // Large enough (n = 338) that the two filters invert side by side.
  const RandomModelOptions options{.num_processes = 2, .grid = 13, .num_steps = 4, .observations_per_step = 60};
  const auto prepared = prepare_model(random_model(options), host_backend());
  const auto theta = random_theta(options);
  set_num_threads(1);
  const auto one = evaluate(*prepared, theta, {.gradient = true});
  set_num_threads(2);
  const auto two = evaluate(*prepared, theta, {.gradient = true});
  EXPECT_NEAR(one.objective / two.objective, 1.0, 1e-12);
  for (std::size_t i = 0; i < theta.size(); ++i) {
    EXPECT_NEAR(one.gradient[i], two.gradient[i], 1e-11 * infinity_norm(two.gradient));
  }
}

/** A checkpoint goes on bit for bit only where equal evaluations are equal, on a machine that is idle or is not. */
TEST(Evaluation, DoesNotDependOnWhatElseTheMachineDoes) {
  const RandomModelOptions options{.num_processes = 2, .grid = 13, .num_steps = 4, .observations_per_step = 60};
  const auto prepared = prepare_model(random_model(options), host_backend());
  const auto theta = random_theta(options);
  set_num_threads(2);
  const auto idle = evaluate(*prepared, theta, {.gradient = true});
  std::atomic<bool> is_busy{true};
  std::vector<std::jthread> others;
  for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
    others.emplace_back([&] {
      while (is_busy.load()) {
      }
    });
  }
  for (int repetition = 0; repetition < 12; ++repetition) {
    const auto busy = evaluate(*prepared, theta, {.gradient = true});
    EXPECT_EQ(busy.objective, idle.objective);
    EXPECT_EQ(busy.gradient, idle.gradient);
  }
  is_busy.store(false);
}

TEST(Evaluation, OrderOfObservationsDoesNotMatter) {
  const RandomModelOptions options{.weights = true};
  auto model = random_model(options);
  const auto theta = random_theta(options);
  const auto expected = evaluate(*prepare_model(model, host_backend()), theta, {.gradient = true});
  auto& group = model.observations[0];
  const auto original = group;
  const std::size_t count = group.y.size();
  CsrMatrix reversed;
  reversed.num_rows = group.projector.num_rows;
  reversed.num_columns = group.projector.num_columns;
  reversed.row_pointers.push_back(0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t source = count - 1 - i;
    group.y[i] = original.y[source];
    group.time_index[i] = original.time_index[source];
    group.weights[i] = original.weights[source];
    group.covariates[i] = original.covariates[source];
    for (auto p = original.projector.row_pointers[source]; p < original.projector.row_pointers[source + 1]; ++p) {
      reversed.column_indices.push_back(original.projector.column_indices[p]);
      reversed.values.push_back(original.projector.values[p]);
    }
    reversed.row_pointers.push_back(static_cast<std::int32_t>(reversed.values.size()));
  }
  group.projector = reversed;
  const auto found = evaluate(*prepare_model(model, host_backend()), theta, {.gradient = true});
  EXPECT_NEAR(found.objective, expected.objective, 1e-10);
}

TEST(Evaluation, WeightsActAsRepeatedObservations) {
  // An observation of weight 2 is two equal observations, up to the constants of the likelihood.
  const RandomModelOptions options{.num_steps = 3};
  auto twice = random_model(options);
  auto weighted = twice;
  auto& group = twice.observations[0];
  const auto single = group;
  weighted.observations[0].weights.assign(single.y.size(), 2.0);
  const auto nonzeros = static_cast<std::int32_t>(single.projector.values.size());
  group.y.insert(group.y.end(), single.y.begin(), single.y.end());
  group.time_index.insert(group.time_index.end(), single.time_index.begin(), single.time_index.end());
  group.covariates.insert(group.covariates.end(), single.covariates.begin(), single.covariates.end());
  group.projector.num_rows *= 2;
  for (std::size_t row = 1; row < single.projector.row_pointers.size(); ++row) {
    group.projector.row_pointers.push_back(single.projector.row_pointers[row] + nonzeros);
  }
  group.projector.column_indices.insert(group.projector.column_indices.end(), single.projector.column_indices.begin(),
                                        single.projector.column_indices.end());
  group.projector.values.insert(group.projector.values.end(), single.projector.values.begin(),
                                single.projector.values.end());
  const auto theta = random_theta(options);
  const auto a = evaluate(*prepare_model(twice, host_backend()), theta, {.latent = true});
  const auto b = evaluate(*prepare_model(weighted, host_backend()), theta, {.latent = true});
  for (std::size_t i = 0; i < a.latent_mean.size(); ++i) {
    EXPECT_NEAR(a.latent_mean[i], b.latent_mean[i], 1e-10);
    EXPECT_NEAR(a.marginal_variances[i], b.marginal_variances[i], 1e-10);
  }
}

TEST(Curvature, SimulatedFisherInformationIsTheExpectedHessianOfTheData) {
  // For a tau-only direction the Fisher information is 1/2 tr((P D^-1)^2), which the dense covariance gives exactly.
  const RandomModelOptions options{.num_steps = 3, .observations_per_step = 12};
  const auto model = random_model(options);
  const auto theta = random_theta(options);
  const PreparedModel prepared(model, host_backend());
  const Posterior posterior(prepared, theta, {}, nullptr);
  const auto fisher = simulated_fisher_information(posterior.conditional(), 3, 4000);
  const auto dense = dense_answer(model, theta);
  const auto& group = model.observations[0];
  const double tau = std::exp(theta[3]);
  const std::size_t n_s = model.c0.size();
  const std::size_t fixed = n_s * static_cast<std::size_t>(model.num_time_steps);
  const auto row_of = [&](std::size_t i) {
    std::vector<std::pair<std::size_t, double>> entries;
    for (auto q = group.projector.row_pointers[i]; q < group.projector.row_pointers[i + 1]; ++q) {
      entries.emplace_back(static_cast<std::size_t>(group.time_index[i]) * n_s +
                               static_cast<std::size_t>(group.projector.column_indices[q]),
                           group.projector.values[q]);
    }
    entries.emplace_back(fixed, group.covariates[i]);
    return entries;
  };
  double trace = 0.0;
  for (std::size_t i = 0; i < group.y.size(); ++i) {
    for (std::size_t j = 0; j < group.y.size(); ++j) {
      double covariance = 0.0;
      for (const auto& [a, va] : row_of(i)) {
        for (const auto& [b, vb] : row_of(j)) covariance += va * vb * dense.covariance(a, b);
      }
      const double p = (i == j ? 1.0 : 0.0) - tau * covariance;
      trace += 0.5 * p * p;
    }
  }
  // 4000 simulations of a quadratic form in about 30 normals: relative error sqrt(2 * 4 / 30 / 4000) = 0.8 %.
  EXPECT_NEAR(fisher[3 * 4 + 3] / trace, 1.0, 0.04);
}

TEST(Curvature, FisherInformationIsTheMeanHessianOverDataFromTheModel) {
  const RandomModelOptions options{.num_processes = 2, .grid = 3, .num_steps = 3, .observations_per_step = 25};
  auto model = random_model(options);
  // Flat priors: the data alone.
  for (auto& prior : model.priors) prior.precision = 0.0;
  const auto theta = random_theta(options);
  const std::size_t d = theta.size();
  const PreparedModel prepared(model, host_backend());
  const auto fisher = simulated_fisher_information(Posterior(prepared, theta, {}, nullptr).conditional(), 17, 600);
  std::vector<double> mean_hessian(d * d, 0.0);
  constexpr int num_data_sets = 150;
  constexpr double h = 1e-3;
  for (int data_set = 0; data_set < num_data_sets; ++data_set) {
    testing::replace_data_by_simulation(model, theta, static_cast<std::uint64_t>(data_set));
    const auto simulated = prepare_model(model, host_backend());
    for (std::size_t i = 0; i < d; ++i) {
      auto shifted = theta;
      shifted[i] = theta[i] + h;
      const auto above = evaluate(*simulated, shifted, {.gradient = true}).gradient;
      shifted[i] = theta[i] - h;
      const auto below = evaluate(*simulated, shifted, {.gradient = true}).gradient;
      for (std::size_t j = 0; j < d; ++j) {
        mean_hessian[i * d + j] += (above[j] - below[j]) / (2.0 * h) / num_data_sets;
      }
    }
  }
  double difference = 0.0;
  double size = 0.0;
  for (std::size_t i = 0; i < d * d; ++i) {
    difference += (mean_hessian[i] - fisher[i]) * (mean_hessian[i] - fisher[i]);
    size += fisher[i] * fisher[i];
  }
  // The Hessian of one data set scatters by about its own size times sqrt(2 / effective observations), 0.3 here;
  // divided by sqrt(150) and with a factor of three.
  EXPECT_LT(std::sqrt(difference / size), 0.08);
}

/** Data that outweigh the prior by tau sigma^2 = 1e9 and 1e11 determine the field: the same information on its range.
 */
TEST(Curvature, KeepsDigitsAndSignWhereTheDataOutweighThePrior) {
  const RandomModelOptions options{.kind = ModelKind::spatial, .observations_per_step = 16};
  const PreparedModel prepared(random_model(options), host_backend());
  const auto fisher_at = [&](double log_noise_precision) {
    auto theta = random_theta(options);  // log range, log sigma, log tau
    theta[1] = 0.0;
    theta[2] = log_noise_precision;
    return simulated_fisher_information(Posterior(prepared, theta, {}, nullptr).conditional(), 5, 50);
  };
  // The data are simulated with their noise, of sd e^(-t/2): a few times that is the information from its limit, for
  // the mean product of field and noise over 50 draws is not zero.
  const double limit = fisher_at(40.0)[0];
  for (const double t : {16.0, 18.0, 20.0, 22.0, 25.0, 30.0}) {
    EXPECT_NEAR(fisher_at(t)[0] / limit, 1.0, 3.0 * std::exp(-0.5 * t)) << "log precision " << t;
  }
  const auto fisher = fisher_at(30.0);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_GT(fisher[i * 3 + i], 0.0);
}

TEST(Curvature, IsAPositiveSemidefiniteGramMatrix) {
  const RandomModelOptions options{.num_processes = 3, .grid = 3, .num_steps = 3, .observations_per_step = 10};
  const PreparedModel prepared(random_model(options), host_backend());
  const Posterior posterior(prepared, random_theta(options), {}, nullptr);
  const auto information = average_information(posterior.conditional());
  const std::size_t d = posterior.prior().theta().size();
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j < d; ++j) {
      EXPECT_DOUBLE_EQ(information[i * d + j], information[j * d + i]);
      EXPECT_LE(std::abs(information[i * d + j]),
                std::sqrt(information[i * d + i] * information[j * d + j]) * (1.0 + 1e-9));
    }
  }
}

}  // namespace
}  // namespace tramontana

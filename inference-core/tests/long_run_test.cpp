// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "host/host_backend.hpp"
#include "solver/selected_inverse.hpp"
#include "support/random_sequence.hpp"

namespace tramontana {
namespace {

using testing::CouplingKind;
using testing::RandomSequence;
using Doubling = RecursionOptions::Doubling;

/** Strength of the coupling relative to a diagonal of at least 1.1: the closer to 0.55 the slower the convergence. */
RandomSequence equal_steps(std::size_t num_steps, double strength, std::vector<std::pair<std::size_t, int>> others = {},
                           CouplingKind kind = CouplingKind::diagonal) {
  std::vector<int> diagonals(num_steps, 1);
  diagonals.front() = diagonals.back() = 0;
  for (const auto& [step, tag] : others) diagonals[step] = tag;
  return {12, diagonals, std::vector<int>(num_steps - 1, 0), kind, strength};
}

/** sum_t Sigma_tt by tag of the diagonal, lower triangles, and sum_t diag(Sigma_{t,t-1} C'). */
struct Sums {
  std::map<int, std::vector<double>> within;
  std::vector<double> across;
  std::size_t num_links = 0;
};

Sums sums_of(const BlockSequence& sequence, const RecursionOptions& options, CovarianceDetail detail,
             SelectedInverseSummary* summary = nullptr) {
  const HostBackend backend;
  const ForwardFilter filter(sequence, backend, options, nullptr);
  const std::size_t n = sequence.block_size();
  Sums sums;
  sums.across.assign(n, 0.0);
  const auto ran = for_each_covariance(
      sequence, filter, backend, options, SelectedInverseMethod::two_filter, nullptr,
      [&](const StepCovariance& group) {
        auto& within = sums.within[sequence.diagonal_tag(group.steps.front())];
        within.resize(n * n);
        const auto covariance = testing::downloaded(backend.blocks(), group.covariance);
        for (std::size_t j = 0; j < n; ++j) {
          for (std::size_t i = j; i < n; ++i) {
            within[j * n + i] += static_cast<double>(group.steps.size()) * covariance(i, j);
          }
        }
        for (const auto& link : group.links) {
          std::vector<double> cross(n, 0.0);
          const auto& values = std::get<DiagonalCoupling>(*link.coupling).values;
          backend.blocks().add_diagonal_of_product(link.covariance, values, link.previous_inverse, cross);
          for (std::size_t i = 0; i < n; ++i) sums.across[i] += link.count * cross[i] * values[i];
        }
      },
      detail);
  if (summary != nullptr) *summary = ran;
  return sums;
}

void expect_close(const std::vector<double>& found, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  double scale = 0.0;
  for (const double value : expected) scale = std::max(scale, std::abs(value));
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], tolerance * scale);
}

struct Case {
  const char* name;
  RandomSequence sequence;
};

std::vector<Case> slow_cases() {
  std::vector<Case> cases;
  cases.push_back({"30 steps to converge", equal_steps(80, 0.49)});
  cases.push_back({"80 steps to converge", equal_steps(200, 0.535)});
  cases.push_back({"a gap before the run", equal_steps(120, 0.5, {{5, 2}})});
  cases.push_back({"a gap after the run", equal_steps(120, 0.5, {{112, 2}})});
  cases.push_back({"two runs", equal_steps(160, 0.5, {{60, 2}, {61, 2}})});
  cases.push_back({"ends that differ", equal_steps(120, 0.5, {{119, 3}, {118, 2}})});
  return cases;
}

TEST(LongRun, LogDeterminantAndSolutionEqualThoseOfTheRecursion) {
  const HostBackend backend;
  for (const auto& [name, sequence] : slow_cases()) {
    SCOPED_TRACE(name);
    const ForwardFilter doubled(sequence, backend, {.doubling = Doubling::always}, nullptr);
    const ForwardFilter plain(sequence, backend, {.steady_state_tolerance = 0.0}, nullptr);
    ASSERT_NE(doubled.long_run(), nullptr);
    // The steps beside the run, the fixed point, and no block for the run's own steps.
    EXPECT_LT(doubled.num_distinct(), plain.num_distinct() / 2);
    EXPECT_NEAR(doubled.log_determinant() / plain.log_determinant(), 1.0, 1e-12);
    BlockVector found(sequence.num_blocks(), sequence.block_size(), 3);
    std::mt19937_64 random(2);
    std::normal_distribution<double> normal;
    for (std::size_t step = 0; step < sequence.num_blocks(); ++step) {
      for (std::size_t j = 0; j < 3; ++j) {
        for (std::size_t i = 0; i < sequence.block_size(); ++i) found.block(step)(i, j) = normal(random);
      }
    }
    BlockVector expected = found;
    doubled.solve(sequence, backend, found);
    plain.solve(sequence, backend, expected);
    double scale = 0.0;
    double difference = 0.0;
    for (std::size_t step = 0; step < sequence.num_blocks(); ++step) {
      for (std::size_t j = 0; j < 3; ++j) {
        for (std::size_t i = 0; i < sequence.block_size(); ++i) {
          scale = std::max(scale, std::abs(expected.block(step)(i, j)));
          difference = std::max(difference, std::abs(expected.block(step)(i, j) - found.block(step)(i, j)));
        }
      }
    }
    EXPECT_LT(difference, 1e-12 * scale);
  }
}

TEST(LongRun, SumsOfCovariancesEqualThoseOfTheRecursion) {
  for (const auto& [name, sequence] : slow_cases()) {
    SCOPED_TRACE(name);
    SelectedInverseSummary summary;
    const auto found = sums_of(sequence, {.doubling = Doubling::always}, CovarianceDetail::sums, &summary);
    const auto expected = sums_of(sequence, {.steady_state_tolerance = 0.0}, CovarianceDetail::each_step);
    EXPECT_NE(summary.reason.find("doubling"), std::string::npos) << summary.reason;
    ASSERT_EQ(found.within.size(), expected.within.size());
    for (const auto& [tag, within] : expected.within) expect_close(found.within.at(tag), within, 1e-12);
    expect_close(found.across, expected.across, 1e-12);
  }
}

TEST(LongRun, EachStepIsToBeHadAsWell) {
  const auto sequence = equal_steps(80, 0.49);
  const auto found = sums_of(sequence, {.doubling = Doubling::always}, CovarianceDetail::each_step);
  const auto expected = sums_of(sequence, {.steady_state_tolerance = 0.0}, CovarianceDetail::each_step);
  for (const auto& [tag, within] : expected.within) expect_close(found.within.at(tag), within, 1e-12);
}

}  // namespace
}  // namespace tramontana

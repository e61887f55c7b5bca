// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "host/host_backend.hpp"
#include "reference/reference_backend.hpp"
#include "solver/selected_inverse.hpp"

namespace tramontana {
namespace {

enum class CouplingKind { diagonal, sparse, dense };

/** A random block-tridiagonal matrix with tags; the diagonal dominates. */
class RandomSequence final : public BlockSequence {
 public:
  RandomSequence(std::size_t size, std::vector<int> diagonal_tags, std::vector<int> coupling_tags, CouplingKind kind,
                 double strength = 0.3)
      : size_(size), diagonal_tags_(std::move(diagonal_tags)), coupling_tags_(std::move(coupling_tags)), kind_(kind) {
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    const int num_diagonals = *std::max_element(diagonal_tags_.begin(), diagonal_tags_.end()) + 1;
    for (int tag = 0; tag < num_diagonals; ++tag) {
      DenseMatrix b(size, size);
      for (std::size_t i = 0; i < size * size; ++i) b.data()[i] = 0.3 * normal(random) / std::sqrt(size);
      DenseMatrix m(size, size);
      ReferenceBackend().multiply(Transpose::no, Transpose::yes, 1.0, b.view(), b.view(), 0.0, m.view());
      for (std::size_t i = 0; i < size; ++i) m(i, i) += 1.0 + 0.1 * tag;
      diagonals_.push_back(std::move(m));
    }
    const int num_couplings =
        coupling_tags_.empty() ? 0 : *std::max_element(coupling_tags_.begin(), coupling_tags_.end()) + 1;
    for (int tag = 0; tag < num_couplings; ++tag) {
      auto dense = DenseMatrix::zero(size, size);
      for (std::size_t j = 0; j < size; ++j) {
        for (std::size_t i = 0; i < size; ++i) {
          const bool present = kind == CouplingKind::dense || i == j || (kind == CouplingKind::sparse && i + 1 == j);
          if (present) dense(i, j) = strength * (i == j ? -1.0 : 0.2 * normal(random));
        }
      }
      if (kind == CouplingKind::diagonal) {
        DiagonalCoupling coupling;
        for (std::size_t i = 0; i < size; ++i) coupling.values.push_back(dense(i, i));
        couplings_.emplace_back(std::move(coupling));
      } else if (kind == CouplingKind::sparse) {
        CsrMatrix matrix;
        matrix.num_rows = matrix.num_columns = static_cast<std::int32_t>(size);
        matrix.row_pointers.push_back(0);
        for (std::size_t i = 0; i < size; ++i) {
          for (std::size_t j = i; j < std::min(size, i + 2); ++j) {
            matrix.column_indices.push_back(static_cast<std::int32_t>(j));
            matrix.values.push_back(dense(i, j));
          }
          matrix.row_pointers.push_back(static_cast<std::int32_t>(matrix.values.size()));
        }
        couplings_.emplace_back(SparseCoupling{std::move(matrix)});
      } else {
        couplings_.emplace_back(DenseCoupling{dense});
      }
      dense_couplings_.push_back(std::move(dense));
    }
  }

  std::size_t num_blocks() const override { return diagonal_tags_.size(); }
  std::size_t block_size() const override { return size_; }
  int diagonal_tag(std::size_t step) const override { return diagonal_tags_[step]; }
  int coupling_tag(std::size_t step) const override { return coupling_tags_[step]; }
  const Coupling& coupling(std::size_t step) const override {
    return couplings_[static_cast<std::size_t>(coupling_tags_[step])];
  }
  bool couplings_are_symmetric() const override { return kind_ == CouplingKind::diagonal; }
  void assemble_diagonal(std::size_t step, MatrixView out) const override {
    const auto& source = diagonals_[static_cast<std::size_t>(diagonal_tags_[step])];
    for (std::size_t j = 0; j < size_; ++j) {
      for (std::size_t i = j; i < size_; ++i) out(i, j) = source(i, j);
    }
  }

  DenseMatrix dense() const {
    const std::size_t n = num_blocks() * size_;
    auto m = DenseMatrix::zero(n, n);
    for (std::size_t step = 0; step < num_blocks(); ++step) {
      const auto& diagonal = diagonals_[static_cast<std::size_t>(diagonal_tags_[step])];
      for (std::size_t j = 0; j < size_; ++j) {
        for (std::size_t i = 0; i < size_; ++i) {
          m(step * size_ + i, step * size_ + j) = diagonal(i, j);
          if (step + 1 < num_blocks()) {
            const double value = dense_couplings_[static_cast<std::size_t>(coupling_tags_[step])](i, j);
            m((step + 1) * size_ + i, step * size_ + j) = value;
            m(step * size_ + j, (step + 1) * size_ + i) = value;
          }
        }
      }
    }
    return m;
  }

 private:
  std::size_t size_;
  std::vector<int> diagonal_tags_;
  std::vector<int> coupling_tags_;
  CouplingKind kind_;
  std::vector<DenseMatrix> diagonals_;
  std::vector<DenseMatrix> dense_couplings_;
  std::vector<Coupling> couplings_;
};

RandomSequence irregular_sequence(CouplingKind kind) { return {7, {0, 1, 1, 2, 1, 0}, {0, 1, 1, 0, 1}, kind}; }

class EveryCoupling : public ::testing::TestWithParam<CouplingKind> {};

INSTANTIATE_TEST_SUITE_P(Kinds, EveryCoupling,
                         ::testing::Values(CouplingKind::diagonal, CouplingKind::sparse, CouplingKind::dense));

TEST_P(EveryCoupling, LogDeterminantSolutionAndCovarianceAgreeWithADenseInverse) {
  const auto sequence = irregular_sequence(GetParam());
  const HostBackend backend;
  auto inverse = sequence.dense();
  const std::size_t n = inverse.rows();
  const auto dense = inverse;
  const auto outcome = ReferenceBackend().invert_positive_definite(inverse.view());
  ASSERT_FALSE(outcome.failure);

  const ForwardFilter filter(sequence, backend, {}, nullptr);
  // Well-conditioned blocks (cond < 10): a few hundred eps.
  EXPECT_NEAR(filter.log_determinant(), outcome.log_determinant, 1e-12);

  BlockVector b(sequence.num_blocks(), sequence.block_size(), 2);
  std::mt19937_64 random(9);
  std::normal_distribution<double> normal;
  DenseMatrix flat(n, 2);
  for (std::size_t column = 0; column < 2; ++column) {
    for (std::size_t i = 0; i < n; ++i) {
      flat(i, column) = normal(random);
      b.block(i / 7)(i % 7, column) = flat(i, column);
    }
  }
  filter.solve(sequence, backend, b);
  DenseMatrix expected(n, 2);
  ReferenceBackend().symmetric_multiply(1.0, inverse.view(), flat.view(), 0.0, expected.view());
  for (std::size_t column = 0; column < 2; ++column) {
    for (std::size_t i = 0; i < n; ++i) EXPECT_NEAR(b.block(i / 7)(i % 7, column), expected(i, column), 1e-12);
  }

  for (const auto method : {SelectedInverseMethod::backward, SelectedInverseMethod::two_filter}) {
    std::vector<bool> seen(sequence.num_blocks(), false);
    for_each_covariance(sequence, filter, backend, {}, method, nullptr, [&](const CovarianceGroup& group) {
      for (const auto step : group.steps) {
        ASSERT_FALSE(seen[step]);
        seen[step] = true;
        for (std::size_t j = 0; j < 7; ++j) {
          for (std::size_t i = j; i < 7; ++i) {
            EXPECT_NEAR(group.covariance(i, j), inverse(step * 7 + i, step * 7 + j), 1e-12);
          }
        }
      }
    });
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](bool value) { return value; }));
  }
}

RandomSequence steady_sequence() {
  std::vector<int> diagonals(60, 1);
  diagonals.front() = diagonals.back() = 0;
  return {9, diagonals, std::vector<int>(59, 0), CouplingKind::diagonal};
}

TEST(SteadyState, EqualsTheFullRecursion) {
  const auto sequence = steady_sequence();
  const HostBackend backend;
  const RecursionOptions full{.steady_state_tolerance = 0.0};
  const ForwardFilter truncated(sequence, backend, {}, nullptr);
  const ForwardFilter complete(sequence, backend, full, nullptr);
  EXPECT_LT(truncated.num_distinct(), 30U);
  EXPECT_EQ(complete.num_distinct(), 60U);
  EXPECT_NEAR(truncated.log_determinant() / complete.log_determinant(), 1.0, 1e-12);
  for (const auto method : {SelectedInverseMethod::backward, SelectedInverseMethod::two_filter}) {
    std::vector<std::vector<double>> variances[2];
    for (int run = 0; run < 2; ++run) {
      variances[run].resize(60);
      const auto& filter = run == 0 ? truncated : complete;
      for_each_covariance(sequence, filter, backend, run == 0 ? RecursionOptions{} : full, method, nullptr,
                          [&](const CovarianceGroup& group) {
                            for (const auto step : group.steps) {
                              for (std::size_t i = 0; i < 9; ++i)
                                variances[run][step].push_back(group.covariance(i, i));
                            }
                          });
    }
    for (std::size_t step = 0; step < 60; ++step) {
      for (std::size_t i = 0; i < 9; ++i) {
        EXPECT_NEAR(variances[0][step][i] / variances[1][step][i], 1.0, 1e-12);
      }
    }
  }
}

TEST(SteadyState, TakesTheMirroredBackwardFilterFromTheForwardOne) {
  const auto sequence = steady_sequence();
  const HostBackend backend;
  const ForwardFilter filter(sequence, backend, {}, nullptr);
  const auto summary = for_each_covariance(
      sequence, filter, backend, {}, SelectedInverseMethod::automatic, nullptr, [&](const CovarianceGroup& group) {
        for (const auto step : group.steps) {
          EXPECT_NE(std::find(group.steps.begin(), group.steps.end(), 59 - step), group.steps.end());
        }
      });
  // Step t and its mirror image are one group; the groups are the transient steps of one side and the steady ones.
  EXPECT_EQ(summary.method, SelectedInverseMethod::two_filter);
  EXPECT_LE(summary.num_groups, filter.num_distinct() + 1);
  EXPECT_LT(summary.num_inversions, summary.num_groups);
  EXPECT_NE(summary.reason.find("mirror"), std::string::npos) << summary.reason;
}

TEST(SteadyState, GapsBreakTheTagsAndConvergenceResumes) {
  std::vector<int> diagonals(90, 1);
  diagonals[40] = 2;
  const RandomSequence sequence(9, diagonals, std::vector<int>(89, 0), CouplingKind::diagonal);
  const HostBackend backend;
  const ForwardFilter truncated(sequence, backend, {}, nullptr);
  const ForwardFilter complete(sequence, backend, {.steady_state_tolerance = 0.0}, nullptr);
  EXPECT_LT(truncated.num_distinct(), 60U);
  EXPECT_NEAR(truncated.log_determinant() / complete.log_determinant(), 1.0, 1e-12);
}

TEST(ForwardFilter, NamesTheStepThatIsNotPositiveDefinite) {
  const RandomSequence sequence(5, {0, 0, 0, 0}, {0, 0, 0}, CouplingKind::diagonal, 1.5);
  try {
    const ForwardFilter filter(sequence, HostBackend(), {}, nullptr);
    FAIL() << "expected NotPositiveDefinite";
  } catch (const NotPositiveDefinite& error) {
    EXPECT_EQ(error.tag(), "NotPositiveDefinite");
    EXPECT_EQ(error.facts().front().first, "block");
    EXPECT_GE(std::get<std::int64_t>(error.facts().front().second), 1);
  }
}

TEST(ForwardFilter, StopsWhenCancelled) {
  CancellationToken token;
  token.cancel();
  const auto sequence = irregular_sequence(CouplingKind::diagonal);
  EXPECT_THROW(ForwardFilter(sequence, HostBackend(), {}, &token), Interrupted);
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels/backend.hpp"
#include "support/blocks.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {
namespace {

using testing::downloaded;
using testing::uploaded;

// A block cannot be read on the host: that it does not compile is part of what it is.
template <class View>
concept IsReadable = requires(View view) {
  view(0, 0);
}
|| requires(View view) { *view.data; }
|| requires(View view) { view.data(); }
|| requires(View view) { view.column(0); };
static_assert(!IsReadable<BlockView> && !IsReadable<ConstBlockView> && !IsReadable<Block>);
static_assert(IsReadable<MatrixView> && IsReadable<DenseMatrix>);
static_assert(!std::is_copy_constructible_v<Block> && std::is_nothrow_move_constructible_v<Block>);
static_assert(!std::is_convertible_v<ConstBlockView, BlockView>);

DenseMatrix random_matrix(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  DenseMatrix m(rows, columns);
  for (std::size_t i = 0; i < rows * columns; ++i) m.data()[i] = normal(random);
  return m;
}

std::vector<double> random_values(std::size_t count, std::uint64_t seed) {
  const auto m = random_matrix(count, 1, seed);
  return {m.data(), m.data() + count};
}

/** The lower triangle stands for both. */
DenseMatrix mirrored(DenseMatrix m) {
  mirror_lower(m.view());
  return m;
}

/** About a third of the entries, an empty row among them; as CSR and in full. */
std::pair<CsrMatrix, DenseMatrix> random_sparse(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  auto full = DenseMatrix::zero(rows, columns);
  CsrMatrix csr;
  csr.num_rows = static_cast<std::int32_t>(rows);
  csr.num_columns = static_cast<std::int32_t>(columns);
  csr.row_pointers.push_back(0);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns && i != 1; ++j) {
      if (random() % 3 != 0) continue;
      full(i, j) = 0.5 + static_cast<double>(random() % 100) / 50.0;
      csr.column_indices.push_back(static_cast<std::int32_t>(j));
      csr.values.push_back(full(i, j));
    }
    csr.row_pointers.push_back(static_cast<std::int32_t>(csr.values.size()));
  }
  return {std::move(csr), std::move(full)};
}

/** op(a) op(b) by its definition. */
DenseMatrix product(const DenseMatrix& a, bool transpose_a, const DenseMatrix& b, bool transpose_b) {
  const std::size_t inner = transpose_a ? a.rows() : a.columns();
  auto c = DenseMatrix::zero(transpose_a ? a.columns() : a.rows(), transpose_b ? b.rows() : b.columns());
  for (std::size_t j = 0; j < c.columns(); ++j) {
    for (std::size_t i = 0; i < c.rows(); ++i) {
      for (std::size_t k = 0; k < inner; ++k) {
        c(i, j) += (transpose_a ? a(k, i) : a(i, k)) * (transpose_b ? b(j, k) : b(k, j));
      }
    }
  }
  return c;
}

/** alpha a + beta b. */
DenseMatrix combined(double alpha, const DenseMatrix& a, double beta, const DenseMatrix& b) {
  DenseMatrix c(a.rows(), a.columns());
  for (std::size_t i = 0; i < a.rows() * a.columns(); ++i) c.data()[i] = alpha * a.data()[i] + beta * b.data()[i];
  return c;
}

enum class Entries { all, lower };

void expect_close(const DenseMatrix& found, const DenseMatrix& expected, Entries entries = Entries::all) {
  ASSERT_EQ(found.rows(), expected.rows());
  ASSERT_EQ(found.columns(), expected.columns());
  double scale = 1.0;
  for (std::size_t i = 0; i < expected.rows() * expected.columns(); ++i) {
    scale = std::max(scale, std::abs(expected.data()[i]));
  }
  for (std::size_t j = 0; j < found.columns(); ++j) {
    for (std::size_t i = entries == Entries::lower ? j : 0; i < found.rows(); ++i) {
      // Sums of a few hundred products: n eps of their size.
      ASSERT_NEAR(found(i, j), expected(i, j), 1e-12 * scale) << i << ", " << j;
    }
  }
}

void expect_close(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], 1e-12 * (1.0 + std::abs(expected[i])) * static_cast<double>(found.size()));
  }
}

/**
 * Every backend of the build, at sizes that are nothing, one, two, odd, and across the base order of the host's
 * inversion; each kernel against its formula, on whole blocks and on windows of larger ones.
 */
class BlockKernelsOf : public ::testing::TestWithParam<std::tuple<std::string, std::size_t>> {
 protected:
  BlockKernelsOf() : backend_(make_backend(std::get<0>(GetParam()))), kernels_(backend_->blocks()) {}

  /** A block that is a window of a larger one: its columns are further apart than its rows are many. */
  struct Window {
    Block whole;
    BlockView view;
  };
  [[nodiscard]] Window window_of(const DenseMatrix& m) const {
    Window window{kernels_.allocate(m.rows() + 5, m.columns() + 3), {}};
    window.view = window.whole.view().block(2, 1, m.rows(), m.columns());
    kernels_.upload(m.view(), window.view);
    return window;
  }
  [[nodiscard]] DenseMatrix read(ConstBlockView view) const { return downloaded(kernels_, view); }

  std::shared_ptr<const Backend> backend_;
  const BlockKernels& kernels_;
  std::size_t n_ = std::get<1>(GetParam());
};

std::string name_of(const ::testing::TestParamInfo<std::tuple<std::string, std::size_t>>& info) {
  return std::get<0>(info.param) + std::to_string(std::get<1>(info.param));
}

INSTANTIATE_TEST_SUITE_P(Backends, BlockKernelsOf,
                         ::testing::Combine(::testing::ValuesIn(compiled_backends()),
                                            ::testing::Values(0, 1, 2, 7, 31, 96, 97, 130)),
                         name_of);

TEST_P(BlockKernelsOf, WhatGoesInComesOut) {
  const auto m = random_matrix(n_, n_ + 2, 1);
  const auto block = uploaded(kernels_, m);
  expect_close(read(block.view()), m);
  EXPECT_EQ(block.rows(), n_);
  EXPECT_EQ(block.columns(), n_ + 2);
  EXPECT_FALSE(block.empty());
  auto window = window_of(random_matrix(n_, n_ + 2, 2));
  kernels_.copy(block.view(), window.view);
  expect_close(read(window.view), m);
  kernels_.zero(window.view);
  expect_close(read(window.view), DenseMatrix::zero(n_, n_ + 2));
}

TEST_P(BlockKernelsOf, NothingBeyondAWindowIsTouched) {
  const auto around = random_matrix(n_ + 4, n_ + 4, 3);
  auto whole = uploaded(kernels_, around);
  auto expected = around;
  const auto inside = whole.view().block(1, 2, n_, n_);
  kernels_.zero(inside);
  kernels_.add_to_diagonal(std::vector<double>(n_, 2.0), inside);
  for (std::size_t j = 0; j < n_; ++j) {
    for (std::size_t i = 0; i < n_; ++i) expected(1 + i, 2 + j) = i == j ? 2.0 : 0.0;
  }
  expect_close(read(whole.view()), expected);
}

TEST_P(BlockKernelsOf, EntryByEntry) {
  const auto x = random_matrix(n_, n_, 4);
  const auto before = random_matrix(n_, n_, 5);
  const auto source = window_of(x);
  for (const auto transpose : {Transpose::no, Transpose::yes}) {
    auto own = x;
    for (std::size_t j = 0; j < n_ && transpose == Transpose::yes; ++j) {
      for (std::size_t i = 0; i < n_; ++i) own(i, j) = x(j, i);
    }
    auto out = window_of(before);
    kernels_.add_scaled(transpose, -1.5, source.view, 0.5, out.view);
    expect_close(read(out.view), combined(-1.5, own, 0.5, before), Entries::lower);
    // A beta of zero means "not read", whatever is there.
    auto unread = before;
    if (n_ > 0) unread(n_ - 1, 0) = std::numeric_limits<double>::quiet_NaN();
    out = window_of(unread);
    kernels_.add_scaled(transpose, 2.0, source.view, 0.0, out.view);
    expect_close(read(out.view), combined(2.0, own, 0.0, before), Entries::lower);
  }
  const auto scale = random_values(n_, 6);
  auto scaled = window_of(x);
  kernels_.scale_congruence(scale, scaled.view);
  auto expected = x;
  for (std::size_t j = 0; j < n_; ++j) {
    for (std::size_t i = 0; i < n_; ++i) expected(i, j) *= scale[i] * scale[j];
  }
  expect_close(read(scaled.view), expected, Entries::lower);
  auto both = window_of(x);
  kernels_.mirror(both.view);
  expect_close(read(both.view), mirrored(x));
  std::vector<double> diagonal(n_);
  for (std::size_t i = 0; i < n_; ++i) diagonal[i] = x(i, i);
  expect_close(kernels_.diagonal(source.view), diagonal);
}

TEST_P(BlockKernelsOf, InversionTimesTheMatrixIsTheIdentity) {
  const auto b = random_matrix(n_, n_, 7);
  auto matrix = product(b, false, b, true);
  for (std::size_t i = 0; i < n_; ++i) matrix(i, i) += static_cast<double>(n_) + 1.0;
  auto inverse = window_of(matrix);
  const auto outcome = kernels_.invert_positive_definite(inverse.view);
  ASSERT_FALSE(outcome.failure);
  auto identity = DenseMatrix::zero(n_, n_);
  for (std::size_t i = 0; i < n_; ++i) identity(i, i) = 1.0;
  expect_close(product(mirrored(read(inverse.view)), false, matrix, false), identity);
  // log|A| + log|A^-1| = 0.
  const auto back = kernels_.invert_positive_definite(inverse.view);
  ASSERT_FALSE(back.failure);
  EXPECT_NEAR(outcome.log_determinant + back.log_determinant, 0.0, 1e-11 * static_cast<double>(n_ + 1));
  if (n_ == 0) return;
  matrix(n_ / 2, n_ / 2) = -1.0;
  auto indefinite = window_of(matrix);
  const auto failed = kernels_.invert_positive_definite(indefinite.view);
  ASSERT_TRUE(failed.failure);
  EXPECT_EQ(failed.failure->pivot, n_ / 2);
  EXPECT_LT(failed.failure->value, 0.0);
}

TEST_P(BlockKernelsOf, Products) {
  const std::size_t inner = n_ + 3;
  const auto before = random_matrix(n_, n_, 8);
  for (const bool left : {false, true}) {
    for (const bool right : {false, true}) {
      const auto a = left ? random_matrix(inner, n_, 9) : random_matrix(n_, inner, 9);
      const auto b = right ? random_matrix(n_, inner, 10) : random_matrix(inner, n_, 10);
      auto c = window_of(before);
      const auto op = [](bool transposed) { return transposed ? Transpose::yes : Transpose::no; };
      kernels_.multiply(op(left), op(right), -0.5, window_of(a).view, window_of(b).view, 2.0, c.view);
      expect_close(read(c.view), combined(-0.5, product(a, left, b, right), 2.0, before));
    }
  }
  const auto symmetric = random_matrix(n_, n_, 11);
  const auto full = mirrored(symmetric);
  const auto b = random_matrix(n_, n_, 12);
  auto c = window_of(before);
  kernels_.symmetric_multiply(1.5, window_of(symmetric).view, window_of(b).view, -1.0, c.view);
  expect_close(read(c.view), combined(1.5, product(full, false, b, false), -1.0, before));
  // b b' and, with a symmetric b, b b.
  c = window_of(before);
  kernels_.symmetric_result_multiply(Transpose::yes, 1.0, window_of(b).view, window_of(b).view, 1.0, c.view);
  expect_close(read(c.view), combined(1.0, product(b, false, b, true), 1.0, before), Entries::lower);
  c = window_of(before);
  kernels_.symmetric_result_multiply(Transpose::no, 1.0, window_of(full).view, window_of(full).view, 0.0, c.view);
  expect_close(read(c.view), product(full, false, full, false), Entries::lower);
}

TEST_P(BlockKernelsOf, SparseTimesABlock) {
  const auto [csr, full] = random_sparse(n_, n_ + 2, 13);
  const auto sparse = kernels_.upload(csr);
  EXPECT_EQ(sparse.rows(), n_);
  EXPECT_EQ(sparse.columns(), n_ + 2);
  const auto right = random_matrix(n_ + 2, n_, 14);
  const auto before = random_matrix(n_, n_, 15);
  auto c = window_of(before);
  kernels_.multiply(Transpose::no, 2.0, sparse, window_of(right).view, -1.0, c.view);
  expect_close(read(c.view), combined(2.0, product(full, false, right, false), -1.0, before));
  const auto transposed_right = random_matrix(n_, 3, 16);
  auto d = window_of(random_matrix(n_ + 2, 3, 17));
  kernels_.multiply(Transpose::yes, 1.0, sparse, window_of(transposed_right).view, 0.0, d.view);
  expect_close(read(d.view), product(full, true, transposed_right, false));
}

TEST_P(BlockKernelsOf, ColumnsOfTheHost) {
  const auto a = random_matrix(n_, n_, 18);
  const auto block = window_of(a);
  for (const std::size_t columns : {0, 1, 3, 9}) {
    const auto b = random_matrix(n_, columns, 19);
    const auto before = random_matrix(n_, columns, 20);
    for (const bool transposed : {false, true}) {
      auto c = before;
      kernels_.multiply(transposed ? Transpose::yes : Transpose::no, 0.5, block.view, b.view(), 2.0, c.view());
      expect_close(c, combined(0.5, product(a, transposed, b, false), 2.0, before));
    }
    auto c = before;
    kernels_.symmetric_multiply(-1.0, block.view, b.view(), 0.0, c.view());
    expect_close(c, combined(-1.0, product(mirrored(a), false, b, false), 0.0, before));
  }
}

TEST_P(BlockKernelsOf, Sums) {
  const auto x = random_matrix(n_, n_, 21);
  const auto y = random_matrix(n_, n_, 22);
  const auto z = random_matrix(n_, n_, 23);
  const auto [csr, pattern] = random_sparse(n_, n_, 24);
  const auto sparse = kernels_.upload(csr);
  const auto left = window_of(x);
  const auto right = window_of(y);
  const auto total = [&](const DenseMatrix& a, const DenseMatrix& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < n_ * n_; ++i) sum += a.data()[i] * b.data()[i];
    return sum;
  };
  const double tolerance = 1e-13 * static_cast<double>(n_ * n_ + 1) * static_cast<double>(n_ + 1);
  const auto full_x = mirrored(x);
  const auto full_y = mirrored(y);
  EXPECT_NEAR(kernels_.inner_product(left.view, right.view, Symmetry::general), total(x, y), tolerance);
  EXPECT_NEAR(kernels_.inner_product(left.view, right.view, Symmetry::symmetric), total(full_x, full_y), tolerance);
  EXPECT_NEAR(kernels_.inner_product(sparse, right.view, Symmetry::general), total(pattern, y), tolerance);
  EXPECT_NEAR(kernels_.inner_product(sparse, right.view, Symmetry::symmetric), total(pattern, full_y), tolerance);
  EXPECT_NEAR(kernels_.inner_product_with_product(sparse, 0, right.view, window_of(z).view),
              total(pattern, product(full_y, false, z, false)), tolerance);
  const auto dots = product(x, false, y, true);
  const auto quadratic = product(product(pattern, false, full_y, false), false, pattern, true);
  std::vector<double> expected_dots(n_);
  std::vector<double> expected_forms(n_);
  for (std::size_t i = 0; i < n_; ++i) {
    expected_dots[i] = dots(i, i);
    expected_forms[i] = quadratic(i, i);
  }
  expect_close(kernels_.row_dots(left.view, right.view), expected_dots);
  expect_close(kernels_.quadratic_forms(sparse, right.view), expected_forms);
  const auto weights = random_values(n_, 25);
  auto sums = random_values(n_, 26);
  auto expected_sums = sums;
  for (std::size_t i = 0; i < n_; ++i) {
    for (std::size_t j = 0; j < n_; ++j) expected_sums[i] += full_x(i, j) * weights[j] * full_y(i, j);
  }
  kernels_.add_diagonal_of_product(left.view, weights, right.view, sums);
  expect_close(sums, expected_sums);
}

TEST_P(BlockKernelsOf, TransposesACopy) {
  const auto m = random_matrix(n_, n_ + 2, 39);
  auto out = window_of(random_matrix(n_ + 2, n_, 40));
  kernels_.copy_transposed(window_of(m).view, out.view);
  auto expected = DenseMatrix(n_ + 2, n_);
  for (std::size_t j = 0; j < n_; ++j) {
    for (std::size_t i = 0; i < n_ + 2; ++i) expected(i, j) = m(j, i);
  }
  expect_close(read(out.view), expected);
}

TEST_P(BlockKernelsOf, TracesOfTermsBetweenProcesses) {
  // One process, and three whose terms share targets, mix processes and leave some out.
  for (const std::size_t processes : {1, 3}) {
    std::vector<TraceTerm> terms{{{1.0}, {1.0}}, {{-2.0}, {1.0}}};
    if (processes == 3) {
      terms = {{{1, 0, 0}, {1, 0, 0}},      {{0, 1, 0}, {0, 1, 0}}, {{0.5, 1, 0}, {1, 0, 0}},
               {{0, 0, 1}, {0.3, -1, 1}},   {{0, 2, 0}, {0, 1, 0}}, {{1, 0, 0}, {0.3, -1, 1}},
               {{0.1, 0.2, 0.3}, {0, 0, 2}}};
    }
    const std::size_t modes = n_ / processes;
    const std::size_t size = processes * modes;
    std::vector<DenseMatrix> values;
    std::vector<Window> windows;
    std::vector<std::vector<double>> scales;
    for (std::size_t block = 0; block < 3; ++block) {
      values.push_back(random_matrix(size, size, 41 + block));
      windows.push_back(window_of(values.back()));
      scales.push_back(random_values(terms.size() * modes, 44 + block));
    }
    const std::vector<ScaledBlock> left{{windows[0].view, scales[0]}, {windows[1].view, scales[1]}};
    const std::vector<ScaledBlock> right{{windows[1].view, scales[1]}, {windows[2].view, scales[2]}};
    auto found = random_matrix(terms.size(), terms.size(), 47);
    auto expected = found;
    // In two parts.
    kernels_.add_traces(terms, left, right, {0, modes / 3}, found.view());
    kernels_.add_traces(terms, left, right, {modes / 3, modes}, found.view());
    // The derivative of a term as a whole matrix, between the steps of two blocks: tr of the product of two of them.
    const auto derivative = [&](std::size_t term, const std::vector<double>& scale) {
      auto matrix = DenseMatrix::zero(size, size);
      for (std::size_t k = 0; k < processes; ++k) {
        for (std::size_t l = 0; l < processes; ++l) {
          for (std::size_t i = 0; i < modes; ++i) {
            matrix(k * modes + i, l * modes + i) =
                scale[term * modes + i] * terms[term].source[k] * terms[term].target[l];
          }
        }
      }
      return matrix;
    };
    std::vector<DenseMatrix> first;
    std::vector<DenseMatrix> second;
    for (std::size_t term = 0; term < terms.size(); ++term) {
      first.push_back(combined(1.0, product(values[0], false, derivative(term, scales[0]), false), 1.0,
                               product(values[1], false, derivative(term, scales[1]), false)));
      second.push_back(combined(1.0, product(values[1], true, derivative(term, scales[1]), false), 1.0,
                                product(values[2], true, derivative(term, scales[2]), false)));
    }
    for (std::size_t a = 0; a < terms.size(); ++a) {
      for (std::size_t b = 0; b < terms.size(); ++b) {
        for (std::size_t j = 0; j < size; ++j) {
          for (std::size_t i = 0; i < size; ++i) expected(a, b) += first[a](i, j) * second[b](j, i);
        }
      }
    }
    expect_close(found, expected);
  }
}

TEST_P(BlockKernelsOf, OfAProductOnlyThePatternWhereItStands) {
  const std::size_t inner = n_ / 2;
  const auto [csr, pattern] = random_sparse(inner, inner, 27);
  const auto y = random_matrix(n_, n_, 28);
  const auto z = random_matrix(n_, n_, 29);
  const auto whole = product(mirrored(y), false, z, false);
  const std::size_t offset = n_ - inner;
  double expected = 0.0;
  for (std::size_t j = 0; j < inner; ++j) {
    for (std::size_t i = 0; i < inner; ++i) expected += pattern(i, j) * whole(offset + i, offset + j);
  }
  const auto sparse = kernels_.upload(csr);
  EXPECT_NEAR(kernels_.inner_product_with_product(sparse, offset, window_of(y).view, window_of(z).view), expected,
              1e-12 * static_cast<double>(n_ * n_ + 1));
}

TEST_P(BlockKernelsOf, AssemblySumsPatternsDiagonalAndCongruences) {
  // Patterns on the diagonal, beside it and across it, as those of several processes; each kind of coupling.
  const std::size_t part = n_ / 2;
  const auto dense_pattern = mirrored(random_matrix(part, part, 30));
  const auto [csr, sparse_pattern] = random_sparse(part, part, 31);
  const auto dense_block = window_of(dense_pattern);
  const auto sparse_block = kernels_.upload(csr);
  const auto diagonal = random_values(n_, 32);
  BlockTerms terms;
  auto expected = DenseMatrix::zero(n_, n_);
  const auto add = [&](double coefficient, const DenseMatrix& m, std::size_t row, std::size_t column) {
    for (std::size_t j = 0; j < m.columns(); ++j) {
      for (std::size_t i = 0; i < m.rows(); ++i) expected(row + i, column + j) += coefficient * m(i, j);
    }
  };
  for (const auto& [row, column] : {std::pair{std::size_t{0}, std::size_t{0}},
                                    {n_ - part, std::size_t{0}},
                                    {n_ - part, n_ - part},
                                    {part / 2, part / 3}}) {
    terms.patterns.push_back({1.5, std::as_const(dense_block).whole.view().block(2, 1, part, part), row, column});
    terms.patterns.push_back({-0.5, &sparse_block, row, column});
    add(1.5, dense_pattern, row, column);
    add(-0.5, sparse_pattern, row, column);
  }
  terms.diagonal = diagonal;
  for (std::size_t i = 0; i < n_; ++i) expected(i, i) += diagonal[i];
  auto out = window_of(random_matrix(n_, n_, 33));
  kernels_.assemble(terms, {}, out.view);
  expect_close(read(out.view), expected, Entries::lower);

  auto [coupling_csr, sparse_coupling] = random_sparse(n_, n_, 34);
  const auto dense_coupling = random_matrix(n_, n_, 35);
  const auto values = random_values(n_, 36);
  auto diagonal_coupling = DenseMatrix::zero(n_, n_);
  for (std::size_t i = 0; i < n_; ++i) diagonal_coupling(i, i) = values[i];
  auto coupling_block = kernels_.upload(coupling_csr);
  std::vector<std::pair<Coupling, const DenseMatrix*>> couplings;
  couplings.emplace_back(DiagonalCoupling{values}, &diagonal_coupling);
  couplings.emplace_back(SparseCoupling{std::move(coupling_csr), std::move(coupling_block)}, &sparse_coupling);
  couplings.emplace_back(DenseCoupling{uploaded(kernels_, dense_coupling)}, &dense_coupling);
  const auto before = random_matrix(n_, n_, 37);
  const auto after = random_matrix(n_, n_, 38);
  const auto left = window_of(before);
  const auto right = window_of(after);
  for (const auto& [coupling, full] : couplings) {
    // The two of a marginal precision.
    const std::vector<Congruence> both{{-1.0, &coupling, Transpose::no, left.view},
                                       {-4.0, &coupling, Transpose::yes, right.view}};
    const auto first = product(product(*full, false, mirrored(before), false), false, *full, true);
    const auto second = product(product(*full, true, mirrored(after), false), false, *full, false);
    kernels_.assemble(terms, both, out.view);
    expect_close(read(out.view), combined(1.0, expected, 1.0, combined(-1.0, first, -4.0, second)), Entries::lower);
  }
}

TEST(Backends, AreMadeByName) {
  EXPECT_EQ(compiled_backends(), (std::vector<std::string>{"host", "reference"}));
  for (const auto& name : compiled_backends()) EXPECT_EQ(make_backend(name)->name(), name);
  try {
    (void)make_backend("cuda");
    FAIL() << "expected NotCompiled";
  } catch (const NotCompiled& error) {
    EXPECT_EQ(error.tag(), "NotCompiled");
    EXPECT_NE(std::string(error.what()).find("host, reference"), std::string::npos) << error.what();
  }
  try {
    (void)make_backend("gpu");
    FAIL() << "expected InvalidModel";
  } catch (const InvalidModel& error) {
    EXPECT_NE(std::string(error.what()).find("host, reference, cuda, found \"gpu\""), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <utility>
#include <vector>

#include "host/host_backend.hpp"
#include "matrix/block_sequence.hpp"
#include "reference/reference_backend.hpp"
#include "support/blocks.hpp"

namespace tramontana::testing {

enum class CouplingKind { diagonal, sparse, dense };

[[nodiscard]] inline const Backend& host_memory() {
  static const HostBackend backend;
  return backend;
}

/** A random block-tridiagonal matrix with tags; the diagonal dominates. `symmetric` makes the couplings so. */
class RandomSequence final : public BlockSequence {
 public:
  RandomSequence(std::size_t size, std::vector<int> diagonal_tags, std::vector<int> coupling_tags, CouplingKind kind,
                 double strength = 0.3, bool symmetric = false, const Backend& backend = host_memory())
      : size_(size),
        diagonal_tags_(std::move(diagonal_tags)),
        coupling_tags_(std::move(coupling_tags)),
        kind_(kind),
        symmetric_(symmetric) {
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal;
    const int num_diagonals = *std::max_element(diagonal_tags_.begin(), diagonal_tags_.end()) + 1;
    for (int tag = 0; tag < num_diagonals; ++tag) {
      DenseMatrix b(size, size);
      for (std::size_t i = 0; i < size * size; ++i) b.data()[i] = 0.3 * normal(random) / std::sqrt(size);
      DenseMatrix m(size, size);
      ReferenceBackend().dense().multiply(Transpose::no, Transpose::yes, 1.0, b.view(), b.view(), 0.0, m.view());
      for (std::size_t i = 0; i < size; ++i) m(i, i) += 1.0 + 0.1 * tag;
      diagonal_blocks_.push_back(uploaded(backend.blocks(), m));
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
      for (std::size_t j = 0; symmetric && j < size; ++j) {
        for (std::size_t i = j + 1; i < size; ++i) dense(i, j) = dense(j, i);
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
          for (std::size_t j = symmetric && i > 0 ? i - 1 : i; j < std::min(size, i + 2); ++j) {
            matrix.column_indices.push_back(static_cast<std::int32_t>(j));
            matrix.values.push_back(dense(i, j));
          }
          matrix.row_pointers.push_back(static_cast<std::int32_t>(matrix.values.size()));
        }
        auto block = backend.blocks().upload(matrix);
        couplings_.emplace_back(SparseCoupling{std::move(matrix), std::move(block)});
      } else {
        couplings_.emplace_back(DenseCoupling{uploaded(backend.blocks(), dense)});
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
  bool couplings_are_symmetric() const override { return symmetric_ || kind_ == CouplingKind::diagonal; }
  BlockTerms diagonal_terms(std::size_t step) const override {
    const auto& block = diagonal_blocks_[static_cast<std::size_t>(diagonal_tags_[step])];
    return {{{1.0, block.view(), 0, 0}}, {}};
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
  bool symmetric_;
  std::vector<DenseMatrix> diagonals_;
  std::vector<Block> diagonal_blocks_;
  std::vector<DenseMatrix> dense_couplings_;
  std::vector<Coupling> couplings_;
};

}  // namespace tramontana::testing

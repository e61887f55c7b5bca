// SPDX-License-Identifier: Apache-2.0
#include "kernels/coupling_kernels.hpp"

#include "matrix/csr_operations.hpp"

namespace tramontana {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
// Aggregates deduce their arguments without this guide by GCC, but not by clang before 17.
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

void add_coupled(const BlockKernels& kernels, double alpha, const Coupling& coupling, Transpose transpose,
                 ConstMatrixView x, MatrixView result) {
  std::visit(Overloaded{[&](const DiagonalCoupling& diagonal) {
                          for (std::size_t j = 0; j < x.columns; ++j) {
                            for (std::size_t i = 0; i < x.rows; ++i)
                              result(i, j) += alpha * diagonal.values[i] * x(i, j);
                          }
                        },
                        [&](const SparseCoupling& sparse) {
                          if (transpose == Transpose::no) {
                            add_product(alpha, sparse.matrix, x, result);
                          } else {
                            add_transposed_product(alpha, sparse.matrix, x, result);
                          }
                        },
                        [&](const DenseCoupling& dense) {
                          kernels.multiply(transpose, alpha, dense.block.view(), x, 1.0, result);
                        }},
             coupling);
}

void multiply_coupled(const BlockKernels& kernels, double alpha, const Coupling& coupling, ConstBlockView x,
                      BlockView result) {
  std::visit(Overloaded{[&](const DiagonalCoupling& diagonal) {
                          const auto sparse = kernels.upload(diagonal_matrix(diagonal.values));
                          kernels.multiply(Transpose::no, alpha, sparse, x, 0.0, result);
                        },
                        [&](const SparseCoupling& sparse) {
                          kernels.multiply(Transpose::no, alpha, sparse.block, x, 0.0, result);
                        },
                        [&](const DenseCoupling& dense) {
                          kernels.multiply(Transpose::no, Transpose::no, alpha, dense.block.view(), x, 0.0, result);
                        }},
             coupling);
}

}  // namespace tramontana

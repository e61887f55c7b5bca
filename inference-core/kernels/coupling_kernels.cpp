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

DenseMatrix full_from_lower(ConstMatrixView m) {
  DenseMatrix full(m.rows, m.rows);
  for (std::size_t j = 0; j < m.rows; ++j) {
    for (std::size_t i = j; i < m.rows; ++i) full(i, j) = full(j, i) = m(i, j);
  }
  return full;
}

void add_sparse_product(double alpha, const CsrMatrix& matrix, Transpose transpose, ConstMatrixView x,
                        MatrixView result) {
  if (transpose == Transpose::no) {
    add_product(alpha, matrix, x, result);
  } else {
    add_transposed_product(alpha, matrix, x, result);
  }
}

}  // namespace

void add_coupled(const Backend& backend, double alpha, const Coupling& coupling, Transpose transpose, ConstMatrixView x,
                 MatrixView result) {
  std::visit(
      Overloaded{[&](const DiagonalCoupling& diagonal) {
                   for (std::size_t j = 0; j < x.columns; ++j) {
                     for (std::size_t i = 0; i < x.rows; ++i) result(i, j) += alpha * diagonal.values[i] * x(i, j);
                   }
                 },
                 [&](const SparseCoupling& sparse) { add_sparse_product(alpha, sparse.matrix, transpose, x, result); },
                 [&](const DenseCoupling& dense) {
                   backend.multiply(transpose, Transpose::no, alpha, dense.matrix.view(), x, 1.0, result);
                 }},
      coupling);
}

DenseMatrix coupled_symmetric(const Backend& backend, const Coupling& coupling, Transpose transpose,
                              ConstMatrixView m) {
  auto result = DenseMatrix::zero(m.rows, m.rows);
  add_coupled(backend, 1.0, coupling, transpose, full_from_lower(m).view(), result.view());
  return result;
}

void subtract_coupled_congruence(const Backend& backend, const Coupling& coupling, Transpose transpose,
                                 ConstMatrixView m, MatrixView out) {
  if (const auto* diagonal = std::get_if<DiagonalCoupling>(&coupling)) {
    backend.add_scaled_congruence(-1.0, diagonal->values, m, out);
    return;
  }
  const auto product = coupled_symmetric(backend, coupling, transpose, m);
  if (const auto* sparse = std::get_if<SparseCoupling>(&coupling)) {
    // (C m C')' = C (C m)': the transposed product is needed column by column, hence an explicit transpose.
    DenseMatrix flipped(m.rows, m.rows);
    for (std::size_t j = 0; j < m.rows; ++j) {
      for (std::size_t i = 0; i < m.rows; ++i) flipped(i, j) = product(j, i);
    }
    add_sparse_product(-1.0, sparse->matrix, transpose, flipped.view(), out);
    return;
  }
  const auto& dense = std::get<DenseCoupling>(coupling).matrix;
  if (transpose == Transpose::no) {
    backend.symmetric_result_multiply(Transpose::yes, -1.0, product.view(), dense.view(), 1.0, out);
  } else {
    backend.symmetric_result_multiply(Transpose::no, -1.0, product.view(), dense.view(), 1.0, out);
  }
}

}  // namespace tramontana

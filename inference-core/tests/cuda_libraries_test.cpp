// SPDX-License-Identifier: Apache-2.0
// The stand-ins for cuBLAS and cuSOLVER compute what their names say, when their stream is waited for.
#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cusolverDn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "cuda_stand_in/stand_in.hpp"

namespace tramontana {
namespace {

constexpr int n = 4;
/** A few operations on numbers near one. */
constexpr double rounding = 1e-14;

class Libraries : public ::testing::Test {
 protected:
  void SetUp() override {
    (void)cudaGetLastError();
    (void)cuda_stand_in::take_fault();
    (void)cuda_stand_in::take_counts();
    ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
    ASSERT_EQ(cublasCreate(&blas), CUBLAS_STATUS_SUCCESS);
    ASSERT_EQ(cublasSetStream(blas, stream), CUBLAS_STATUS_SUCCESS);
    ASSERT_EQ(cusolverDnCreate(&solver), CUSOLVER_STATUS_SUCCESS);
    ASSERT_EQ(cusolverDnSetStream(solver, stream), CUSOLVER_STATUS_SUCCESS);
    ASSERT_EQ(cudaMalloc(reinterpret_cast<void**>(&info), sizeof(int)), cudaSuccess);
    ASSERT_EQ(cudaHostAlloc(reinterpret_cast<void**>(&pinned), n * n * sizeof(double), cudaHostAllocDefault),
              cudaSuccess);
    for (int j = 0; j < n; ++j) {
      for (int i = 0; i < n; ++i) definite.push_back(i == j ? 3.0 : 1.0 / (1.0 + i + j));
    }
  }
  void TearDown() override {
    (void)cudaGetLastError();
    (void)cublasDestroy(blas);
    (void)cusolverDnDestroy(solver);
    for (auto* matrix : matrices) (void)cudaFree(matrix);
    (void)cudaFree(info);
    (void)cudaFreeHost(pinned);
    (void)cudaStreamDestroy(stream);
  }

  double* on_device(const std::vector<double>& values) {
    double* matrix = nullptr;
    EXPECT_EQ(cudaMalloc(reinterpret_cast<void**>(&matrix), values.size() * sizeof(double)), cudaSuccess);
    matrices.push_back(matrix);
    std::copy(values.begin(), values.end(), pinned);
    EXPECT_EQ(cudaMemcpyAsync(matrix, pinned, values.size() * sizeof(double), cudaMemcpyHostToDevice, stream),
              cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    return matrix;
  }
  std::vector<double> from_device(const double* matrix, std::size_t count) {
    EXPECT_EQ(cudaMemcpyAsync(pinned, matrix, count * sizeof(double), cudaMemcpyDeviceToHost, stream), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess) << cuda_stand_in::take_fault();
    return {pinned, pinned + count};
  }

  cudaStream_t stream = nullptr;
  cublasHandle_t blas = nullptr;
  cusolverDnHandle_t solver = nullptr;
  int* info = nullptr;
  double* pinned = nullptr;
  std::vector<double*> matrices;
  std::vector<double> definite;
};

TEST_F(Libraries, AnInverseTimesItsMatrixIsTheIdentity) {
  double* a = on_device(definite);
  double* inverse = on_device(definite);
  int size = 0;
  ASSERT_EQ(cusolverDnDpotrf_bufferSize(solver, CUBLAS_FILL_MODE_LOWER, n, inverse, n, &size), CUSOLVER_STATUS_SUCCESS);
  double* workspace = nullptr;
  ASSERT_EQ(cudaMalloc(reinterpret_cast<void**>(&workspace), static_cast<std::size_t>(size) * sizeof(double)),
            cudaSuccess);
  matrices.push_back(workspace);
  ASSERT_EQ(cusolverDnDpotrf(solver, CUBLAS_FILL_MODE_LOWER, n, inverse, n, workspace, size, info),
            CUSOLVER_STATUS_SUCCESS);
  ASSERT_EQ(cusolverDnDpotri(solver, CUBLAS_FILL_MODE_LOWER, n, inverse, n, workspace, size, info),
            CUSOLVER_STATUS_SUCCESS);
  double* product = on_device(std::vector<double>(n * n, std::nan("")));
  const double one = 1.0;
  const double zero = 0.0;
  ASSERT_EQ(
      cublasDsymm(blas, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, n, n, &one, inverse, n, a, n, &zero, product, n),
      CUBLAS_STATUS_SUCCESS);
  const auto found = from_device(product, n * n);
  for (std::size_t i = 0; i < n * n; ++i) EXPECT_NEAR(found[i], i % (n + 1) == 0 ? 1.0 : 0.0, rounding);
  EXPECT_TRUE(std::isnan(from_device(workspace, 1)[0])) << "a workspace holds nothing";
  EXPECT_EQ(cuda_stand_in::take_counts().library_calls, 3u);
}

TEST_F(Libraries, ProductsOfTrianglesAreThoseOfFullOnes) {
  auto triangle = definite;
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < j; ++i) triangle[static_cast<std::size_t>(j * n + i)] = 0.0;
  }
  double* lower = on_device(triangle);
  double* square = on_device(std::vector<double>(n * n, 0.0));
  double* same = on_device(std::vector<double>(n * n, 0.0));
  const double one = 1.0;
  const double zero = 0.0;
  ASSERT_EQ(cublasDgemm(blas, CUBLAS_OP_T, CUBLAS_OP_N, n, n, n, &one, lower, n, lower, n, &zero, square, n),
            CUBLAS_STATUS_SUCCESS);
  ASSERT_EQ(cublasDtrmm(blas, CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, CUBLAS_DIAG_NON_UNIT, n, n, &one,
                        lower, n, lower, n, same, n),
            CUBLAS_STATUS_SUCCESS);
  const auto expected = from_device(square, n * n);
  const auto found = from_device(same, n * n);
  for (std::size_t i = 0; i < n * n; ++i) EXPECT_NEAR(found[i], expected[i], rounding);
  ASSERT_EQ(cublasDsyrk(blas, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_T, n, n, &one, lower, n, &zero, same, n),
            CUBLAS_STATUS_SUCCESS);
  const auto of_syrk = from_device(same, n * n);
  for (int j = 0; j < n; ++j) {
    for (int i = j; i < n; ++i) {
      const auto at = static_cast<std::size_t>(j * n + i);
      EXPECT_NEAR(of_syrk[at], expected[at], rounding);
    }
  }
}

TEST_F(Libraries, EigenvaluesSumToTheTrace) {
  double* a = on_device(definite);
  double* eigenvalues = on_device(std::vector<double>(n, 0.0));
  int size = 0;
  ASSERT_EQ(cusolverDnDsyevd_bufferSize(solver, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, n, a, n, eigenvalues,
                                        &size),
            CUSOLVER_STATUS_SUCCESS);
  double* workspace = on_device(std::vector<double>(n, 0.0));
  EXPECT_EQ(cusolverDnDsyevd(solver, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, n, a, n, eigenvalues, workspace,
                             n, info),
            CUSOLVER_STATUS_INVALID_VALUE)
      << "a workspace that is too small";
  (void)cudaGetLastError();
  ASSERT_EQ(cudaMalloc(reinterpret_cast<void**>(&workspace), static_cast<std::size_t>(size) * sizeof(double)),
            cudaSuccess);
  matrices.push_back(workspace);
  ASSERT_EQ(cusolverDnDsyevd(solver, CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_LOWER, n, a, n, eigenvalues, workspace,
                             size, info),
            CUSOLVER_STATUS_SUCCESS);
  double sum = 0.0;
  for (const double value : from_device(eigenvalues, n)) sum += value;
  EXPECT_NEAR(sum, 3.0 * n, n * rounding);
}

TEST_F(Libraries, MatricesOfTheHostAndBeyondTheEndAreRefused) {
  double* a = on_device(definite);
  const double one = 1.0;
  EXPECT_EQ(cublasDgemm(blas, CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, definite.data(), n, a, n, &one, a, n),
            CUBLAS_STATUS_INVALID_VALUE);
  EXPECT_NE(cuda_stand_in::take_fault().find("not in memory of the device"), std::string::npos);
  (void)cudaGetLastError();
  EXPECT_EQ(cublasDgemm(blas, CUBLAS_OP_N, CUBLAS_OP_N, 2 * n, n, n, &one, a, 16 * n, a, n, &one, a, 16 * n),
            CUBLAS_STATUS_INVALID_VALUE);
}

}  // namespace
}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
// cuBLAS and cuSOLVER by the libraries of the processor, queued in the stream of their handle.
#include <cblas.h>
#include <cublas_v2.h>
#include <cusolverDn.h>
#include <lapacke.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <vector>

#include "state.hpp"

namespace cuda_stand_in {

struct LibraryHandle {
  Stream* stream = nullptr;
  double* workspace = nullptr;
  std::size_t workspace_bytes = 0;
};

namespace {

/** A column-major matrix that a call names. */
struct Operand {
  const double* address;
  int rows;
  int columns;
  int leading;
};

/** @return what is wrong with the matrices, or null */
const char* fault_of(std::initializer_list<Operand> operands) {
  for (const auto& [address, rows, columns, leading] : operands) {
    if (rows < 0 || columns < 0 || leading < std::max(1, rows)) return "a matrix of impossible size";
    if (rows == 0 || columns == 0) continue;
    const std::size_t count =
        static_cast<std::size_t>(columns - 1) * static_cast<std::size_t>(leading) + static_cast<std::size_t>(rows);
    if (!DeviceMemory::instance().holds(address, count * sizeof(double))) {
      return "a matrix that is not in memory of the device, or reaches beyond it";
    }
  }
  return nullptr;
}

/** What a library leaves in its workspace is nobody's to read. */
void spoil(double* from, std::size_t count) { std::fill_n(from, count, std::numeric_limits<double>::quiet_NaN()); }

/** Queues a call in the stream of its handle. @return whether its matrices are as they should be */
template <class Work>
bool queue(LibraryHandle* handle, std::initializer_list<Operand> operands, Work work) {
  auto& state = State::instance();
  const std::lock_guard guard(state.lock);
  const char* fault = handle == nullptr || !state.has(handle->stream) ? "a handle that is none" : fault_of(operands);
  if (fault != nullptr) {
    (void)state.fail(cudaErrorInvalidValue, std::string("a library call on ") + fault);
    return false;
  }
  ++state.counts.library_calls;
  auto* own = handle;
  state.or_default(handle->stream).queue.push_back({nullptr, [own, work] {
                                                      if (own->workspace != nullptr) {
                                                        spoil(own->workspace, own->workspace_bytes / sizeof(double));
                                                      }
                                                      work();
                                                    }});
  return true;
}

CBLAS_TRANSPOSE cblas(cublasOperation_t operation) { return operation == CUBLAS_OP_N ? CblasNoTrans : CblasTrans; }
CBLAS_UPLO cblas(cublasFillMode_t fill) { return fill == CUBLAS_FILL_MODE_LOWER ? CblasLower : CblasUpper; }
CBLAS_SIDE cblas(cublasSideMode_t side) { return side == CUBLAS_SIDE_LEFT ? CblasLeft : CblasRight; }
char lapack(cublasFillMode_t fill) { return fill == CUBLAS_FILL_MODE_LOWER ? 'L' : 'U'; }

cublasStatus_t blas_status(bool is_right) { return is_right ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE; }

/** A call of cuSOLVER: its workspace is spoilt, and the status of LAPACK goes to the device. */
template <class Work>
cusolverStatus_t solve(LibraryHandle* handle, std::initializer_list<Operand> operands, double* workspace, int size,
                       int least, int* info, Work work) {
  {
    auto& state = State::instance();
    const std::lock_guard guard(state.lock);
    const auto bytes = static_cast<std::size_t>(std::max(size, 0)) * sizeof(double);
    if (size < least || !DeviceMemory::instance().holds(workspace, bytes) ||
        !DeviceMemory::instance().holds(info, sizeof(int))) {
      (void)state.fail(cudaErrorInvalidValue,
                       "a workspace or status of a solver that is too small or not the device's");
      return CUSOLVER_STATUS_INVALID_VALUE;
    }
  }
  const bool is_right = queue(handle, operands, [=] {
    spoil(workspace, static_cast<std::size_t>(size));
    *info = work();
  });
  return is_right ? CUSOLVER_STATUS_SUCCESS : CUSOLVER_STATUS_INVALID_VALUE;
}

LibraryHandle* new_handle() { return new LibraryHandle(); }

void end(LibraryHandle* handle) {
  auto& state = State::instance();
  const std::lock_guard guard(state.lock);
  state.run_all();
  delete handle;
}

}  // namespace
}  // namespace cuda_stand_in

using cuda_stand_in::Operand;

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
  }
  return "CUBLAS_STATUS_UNKNOWN";
}
cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  *handle = cuda_stand_in::new_handle();
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  cuda_stand_in::end(handle);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void* workspace, std::size_t bytes) {
  const std::lock_guard guard(cuda_stand_in::State::instance().lock);
  if (bytes > 0 && !cuda_stand_in::DeviceMemory::instance().holds(workspace, bytes)) return CUBLAS_STATUS_INVALID_VALUE;
  handle->workspace = static_cast<double*>(workspace);
  handle->workspace_bytes = bytes;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDgemm(cublasHandle_t handle, cublasOperation_t operation_a, cublasOperation_t operation_b, int m,
                           int n, int k, const double* alpha, const double* a, int lda, const double* b, int ldb,
                           const double* beta, double* c, int ldc) {
  const bool plain_a = operation_a == CUBLAS_OP_N;
  const bool plain_b = operation_b == CUBLAS_OP_N;
  const Operand operand_a{a, plain_a ? m : k, plain_a ? k : m, lda};
  const Operand operand_b{b, plain_b ? k : n, plain_b ? n : k, ldb};
  return cuda_stand_in::blas_status(
      cuda_stand_in::queue(handle, {operand_a, operand_b, {c, m, n, ldc}}, [=, alpha = *alpha, beta = *beta] {
        cblas_dgemm(CblasColMajor, cuda_stand_in::cblas(operation_a), cuda_stand_in::cblas(operation_b), m, n, k, alpha,
                    a, lda, b, ldb, beta, c, ldc);
      }));
}
cublasStatus_t cublasDsymm(cublasHandle_t handle, cublasSideMode_t side, cublasFillMode_t fill, int m, int n,
                           const double* alpha, const double* a, int lda, const double* b, int ldb, const double* beta,
                           double* c, int ldc) {
  const int order = side == CUBLAS_SIDE_LEFT ? m : n;
  return cuda_stand_in::blas_status(cuda_stand_in::queue(
      handle, {{a, order, order, lda}, {b, m, n, ldb}, {c, m, n, ldc}}, [=, alpha = *alpha, beta = *beta] {
        cblas_dsymm(CblasColMajor, cuda_stand_in::cblas(side), cuda_stand_in::cblas(fill), m, n, alpha, a, lda, b, ldb,
                    beta, c, ldc);
      }));
}
cublasStatus_t cublasDsyrk(cublasHandle_t handle, cublasFillMode_t fill, cublasOperation_t operation, int n, int k,
                           const double* alpha, const double* a, int lda, const double* beta, double* c, int ldc) {
  const bool is_plain = operation == CUBLAS_OP_N;
  const Operand operand_a{a, is_plain ? n : k, is_plain ? k : n, lda};
  return cuda_stand_in::blas_status(
      cuda_stand_in::queue(handle, {operand_a, {c, n, n, ldc}}, [=, alpha = *alpha, beta = *beta] {
        cblas_dsyrk(CblasColMajor, cuda_stand_in::cblas(fill), cuda_stand_in::cblas(operation), n, k, alpha, a, lda,
                    beta, c, ldc);
      }));
}
cublasStatus_t cublasDtrmm(cublasHandle_t handle, cublasSideMode_t side, cublasFillMode_t fill,
                           cublasOperation_t operation, cublasDiagType_t diagonal, int m, int n, const double* alpha,
                           const double* a, int lda, const double* b, int ldb, double* c, int ldc) {
  const int order = side == CUBLAS_SIDE_LEFT ? m : n;
  return cuda_stand_in::blas_status(
      cuda_stand_in::queue(handle, {{a, order, order, lda}, {b, m, n, ldb}, {c, m, n, ldc}}, [=, alpha = *alpha] {
        for (int j = 0; b != c && j < n; ++j) std::copy_n(b + std::ptrdiff_t{j} * ldb, m, c + std::ptrdiff_t{j} * ldc);
        cblas_dtrmm(CblasColMajor, cuda_stand_in::cblas(side), cuda_stand_in::cblas(fill),
                    cuda_stand_in::cblas(operation), diagonal == CUBLAS_DIAG_UNIT ? CblasUnit : CblasNonUnit, m, n,
                    alpha, a, lda, c, ldc);
      }));
}

cusolverStatus_t cusolverDnCreate(cusolverDnHandle_t* handle) {
  *handle = cuda_stand_in::new_handle();
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnDestroy(cusolverDnHandle_t handle) {
  cuda_stand_in::end(handle);
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnSetStream(cusolverDnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUSOLVER_STATUS_SUCCESS;
}

namespace {
/** As much as is asked for, so that nobody relies on a little. */
int workspace_of(int n) { return 64 * std::max(n, 1); }
}  // namespace

cusolverStatus_t cusolverDnDpotrf_bufferSize(cusolverDnHandle_t, cublasFillMode_t, int n, double*, int, int* size) {
  *size = workspace_of(n);
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnDpotrf(cusolverDnHandle_t handle, cublasFillMode_t fill, int n, double* a, int lda,
                                  double* workspace, int size, int* info) {
  return cuda_stand_in::solve(handle, {{a, n, n, lda}}, workspace, size, workspace_of(n), info, [=] {
    return LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, cuda_stand_in::lapack(fill), n, a, lda);
  });
}
cusolverStatus_t cusolverDnDpotri_bufferSize(cusolverDnHandle_t, cublasFillMode_t, int n, double*, int, int* size) {
  *size = workspace_of(n);
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnDpotri(cusolverDnHandle_t handle, cublasFillMode_t fill, int n, double* a, int lda,
                                  double* workspace, int size, int* info) {
  return cuda_stand_in::solve(handle, {{a, n, n, lda}}, workspace, size, workspace_of(n), info, [=] {
    return LAPACKE_dpotri_work(LAPACK_COL_MAJOR, cuda_stand_in::lapack(fill), n, a, lda);
  });
}
cusolverStatus_t cusolverDnDsyevd_bufferSize(cusolverDnHandle_t, cusolverEigMode_t, cublasFillMode_t, int n,
                                             const double*, int, const double*, int* size) {
  *size = workspace_of(n);
  return CUSOLVER_STATUS_SUCCESS;
}
cusolverStatus_t cusolverDnDsyevd(cusolverDnHandle_t handle, cusolverEigMode_t mode, cublasFillMode_t fill, int n,
                                  double* a, int lda, double* eigenvalues, double* workspace, int size, int* info) {
  return cuda_stand_in::solve(
      handle, {{a, n, n, lda}, {eigenvalues, n, 1, std::max(n, 1)}}, workspace, size, workspace_of(n), info, [=] {
        const char job = mode == CUSOLVER_EIG_MODE_VECTOR ? 'V' : 'N';
        return LAPACKE_dsyevd(LAPACK_COL_MAJOR, job, cuda_stand_in::lapack(fill), n, a, lda, eigenvalues);
      });
}

// SPDX-License-Identifier: Apache-2.0
// The stand-in for a card finds what would be wrong on one.
#include "cuda_stand_in/stand_in.hpp"

#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace tramontana {
namespace {

constexpr unsigned num_threads = 64;
constexpr int num_seeds = 5;

/** Sum of 64 numbers by halves; the barrier that a bug leaves out is one between halves. */
template <bool has_barrier>
__global__ void sum_by_halves(const double* from, double* to) {
  double* shared = tramontana_shared;
  shared[threadIdx.x] = from[blockIdx.x * blockDim.x + threadIdx.x];
  __syncthreads();
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) shared[threadIdx.x] += shared[threadIdx.x + half];
    if (has_barrier) __syncthreads();
  }
  if (threadIdx.x == 0) to[blockIdx.x] = shared[0];
}

__global__ void sum_by_shuffles(const double* from, double* to) {
  double value = from[threadIdx.x];
  for (unsigned delta = 16; delta > 0; delta /= 2) value += __shfl_down_sync(0xffffffffu, value, delta);
  if (threadIdx.x % 32 == 0) to[threadIdx.x / 32] = value;
}

__global__ void half_of_them_wait(double*) {
  if (threadIdx.x < blockDim.x / 2) __syncthreads();
}

__global__ void add_one(double* values) { values[threadIdx.x] += 1.0; }
__global__ void write_at(double* values, long index) { values[index] = 1.0; }
__global__ void write_shared(long index) { tramontana_shared[index] = 1.0; }

/** Device and pinned memory of so many numbers, and two streams. */
class OnDevice : public ::testing::Test {
 protected:
  void SetUp() override {
    (void)cudaGetLastError();
    (void)cuda_stand_in::take_fault();
    (void)cuda_stand_in::take_counts();
    ASSERT_EQ(cudaMalloc(reinterpret_cast<void**>(&device), bytes), cudaSuccess);
    ASSERT_EQ(cudaHostAlloc(reinterpret_cast<void**>(&pinned), bytes, cudaHostAllocDefault), cudaSuccess);
    for (auto* stream : {&first, &second})
      ASSERT_EQ(cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), cudaSuccess);
    std::iota(pinned, pinned + num_threads, 1.0);
  }
  void TearDown() override {
    (void)cudaGetLastError();
    for (auto* stream : {first, second}) (void)cudaStreamDestroy(stream);
    (void)cudaFree(device);
    (void)cudaFreeHost(pinned);
  }

  void upload() { ASSERT_EQ(cudaMemcpyAsync(device, pinned, bytes, cudaMemcpyHostToDevice, first), cudaSuccess); }
  void download(cudaStream_t stream) {
    ASSERT_EQ(cudaMemcpyAsync(pinned, device, bytes, cudaMemcpyDeviceToHost, stream), cudaSuccess);
  }
  template <class... Parameters, class... Arguments>
  static cudaError_t run(cudaStream_t stream, unsigned threads, void (*kernel)(Parameters...), Arguments... arguments) {
    cudaLaunchConfig_t config;
    config.gridDim = dim3(1);
    config.blockDim = dim3(threads);
    config.dynamicSmemBytes = threads * sizeof(double);
    config.stream = stream;
    return cudaLaunchKernelEx(&config, kernel, arguments...);
  }

  static constexpr std::size_t bytes = num_threads * sizeof(double);
  static constexpr double sum = num_threads * (num_threads + 1) / 2.0;
  double* device = nullptr;
  double* pinned = nullptr;
  cudaStream_t first = nullptr;
  cudaStream_t second = nullptr;
};

TEST_F(OnDevice, WhatIsRightIsRightInEveryOrder) {
  for (int seed = 1; seed <= num_seeds; ++seed) {
    cuda_stand_in::set_seed(static_cast<std::uint64_t>(seed));
    std::iota(pinned, pinned + num_threads, 1.0);
    upload();
    ASSERT_EQ(run(first, num_threads, sum_by_halves<true>, device, device), cudaSuccess);
    download(first);
    ASSERT_EQ(cudaStreamSynchronize(first), cudaSuccess) << cuda_stand_in::take_fault();
    EXPECT_EQ(pinned[0], sum);
    std::iota(pinned, pinned + num_threads, 1.0);
    upload();
    ASSERT_EQ(run(first, 32, sum_by_shuffles, device, device), cudaSuccess);
    download(first);
    ASSERT_EQ(cudaStreamSynchronize(first), cudaSuccess);
    EXPECT_EQ(pinned[0], 32 * 33 / 2.0);
  }
}

TEST_F(OnDevice, AMissingBarrierIsFound) {
  int found = 0;
  for (int seed = 1; seed <= num_seeds; ++seed) {
    cuda_stand_in::set_seed(static_cast<std::uint64_t>(seed));
    std::iota(pinned, pinned + num_threads, 1.0);
    upload();
    ASSERT_EQ(run(first, num_threads, sum_by_halves<false>, device, device), cudaSuccess);
    download(first);
    ASSERT_EQ(cudaStreamSynchronize(first), cudaSuccess);
    if (pinned[0] != sum) ++found;
  }
  EXPECT_EQ(found, num_seeds);
}

TEST_F(OnDevice, ABarrierThatSomeDoNotReachIsAnError) {
  ASSERT_EQ(run(first, num_threads, half_of_them_wait, device), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(first), cudaErrorLaunchFailure);
  EXPECT_NE(cuda_stand_in::take_fault().find("32 of 64 threads have ended, 32 wait"), std::string::npos);
}

TEST_F(OnDevice, AMissingWaitOfTheHostIsFound) {
  upload();
  ASSERT_EQ(run(first, num_threads, add_one, device), cudaSuccess);
  download(first);
  EXPECT_EQ(pinned[0], 1.0) << "nothing has run";
  ASSERT_EQ(cudaStreamSynchronize(first), cudaSuccess);
  EXPECT_EQ(pinned[0], 2.0);
}

TEST_F(OnDevice, AMissingEventBetweenStreamsIsFound) {
  int found = 0;
  for (const bool has_event : {true, false}) {
    for (int seed = 1; seed <= 2 * num_seeds; ++seed) {
      cuda_stand_in::set_seed(static_cast<std::uint64_t>(seed));
      std::iota(pinned, pinned + num_threads, 1.0);
      upload();
      ASSERT_EQ(run(first, num_threads, add_one, device), cudaSuccess);
      cudaEvent_t event = nullptr;
      ASSERT_EQ(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), cudaSuccess);
      ASSERT_EQ(cudaEventRecord(event, first), cudaSuccess);
      if (has_event) {
        ASSERT_EQ(cudaStreamWaitEvent(second, event), cudaSuccess);
      }
      download(second);
      ASSERT_EQ(cudaStreamSynchronize(second), cudaSuccess);
      const bool is_right = pinned[0] == 2.0;
      EXPECT_TRUE(is_right || !has_event) << seed;
      if (!has_event && !is_right) ++found;
      ASSERT_EQ(cudaEventDestroy(event), cudaSuccess);
    }
  }
  EXPECT_GE(found, num_seeds);
}

TEST_F(OnDevice, ReadsOfTheHostAndWritesBeyondTheEndAreFaults) {
  upload();
  ASSERT_EQ(cudaStreamSynchronize(first), cudaSuccess);
  EXPECT_DEATH(std::exit(device[0] > 0.0 ? 0 : 1), "");
  // In the process that dies alone: this one runs it as little as that one goes on.
  EXPECT_DEATH(
      {
        (void)run(first, 1, write_at, device, long{num_threads});
        (void)cudaStreamSynchronize(first);
      },
      "");
}

TEST_F(OnDevice, WritesBeyondTheSharedMemoryAreErrors) {
  ASSERT_EQ(run(first, 4, write_shared, long{4}), cudaSuccess);
  EXPECT_EQ(cudaStreamSynchronize(first), cudaErrorLaunchFailure);
  EXPECT_NE(cuda_stand_in::take_fault().find("byte 32 of its shared memory"), std::string::npos);
}

TEST_F(OnDevice, CopiesOfMemoryThatIsNotPinnedAreRefused) {
  std::vector<double> pageable(num_threads, 1.0);
  EXPECT_EQ(cudaMemcpyAsync(device, pageable.data(), bytes, cudaMemcpyHostToDevice, first), cudaErrorInvalidValue);
  EXPECT_NE(cuda_stand_in::take_fault().find("not pinned"), std::string::npos);
}

TEST_F(OnDevice, MemoryBeginsAsNoNumberAndItsEndIsTold) {
  download(first);
  ASSERT_EQ(cudaStreamSynchronize(first), cudaSuccess);
  EXPECT_TRUE(std::isnan(pinned[num_threads - 1]));
  cuda_stand_in::set_capacity(cuda_stand_in::bytes_in_use() + 1024);
  void* more = nullptr;
  EXPECT_EQ(cudaMalloc(&more, 4096), cudaErrorMemoryAllocation);
  cuda_stand_in::set_capacity(std::size_t{8} << 30);
}

TEST_F(OnDevice, CountsWhatIsDone) {
  upload();
  ASSERT_EQ(run(first, num_threads, add_one, device), cudaSuccess);
  download(first);
  ASSERT_EQ(cudaStreamSynchronize(first), cudaSuccess);
  const auto counts = cuda_stand_in::take_counts();
  EXPECT_EQ(counts.launches, 1u);
  EXPECT_EQ(counts.bytes_to_device, bytes);
  EXPECT_EQ(counts.bytes_to_host, bytes);
  EXPECT_EQ(counts.waits, 1u);
}

}  // namespace
}  // namespace tramontana

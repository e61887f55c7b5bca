// SPDX-License-Identifier: Apache-2.0
// The calls of the runtime: streams, events, copies, memory.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "state.hpp"

namespace cuda_stand_in {

State& State::instance() {
  static State state;
  return state;
}

State::State() : default_stream_(add_stream()) {}

cudaError_t State::fail(cudaError_t code, std::string what) {
  if (error == cudaSuccess) error = code;
  if (fault.empty()) fault = std::move(what);
  return code;
}

Stream* State::add_stream() {
  streams_.push_back(std::make_unique<Stream>());
  return streams_.back().get();
}

void State::remove(Stream* stream) {
  std::erase_if(streams_, [&](const auto& own) { return own.get() == stream; });
}

bool State::has(const Stream* stream) const {
  return stream == nullptr ||
         std::any_of(streams_.begin(), streams_.end(), [&](const auto& own) { return own.get() == stream; });
}

void State::run_until(const std::function<bool()>& holds) {
  DeviceMemory::instance().open();
  while (!holds()) {
    std::vector<Stream*> ready;
    for (const auto& stream : streams_) {
      if (stream->queue.empty()) continue;
      const auto& may_begin = stream->queue.front().may_begin;
      if (!may_begin || may_begin()) ready.push_back(stream.get());
    }
    if (ready.empty()) {
      (void)fail(cudaErrorLaunchFailure, "streams wait for each other, or for an event that nobody records");
      break;
    }
    auto& queue = ready[random_below(ready.size())]->queue;
    const auto operation = std::move(queue.front());
    queue.pop_front();
    // After an error nothing runs any more, as on a card.
    if (error == cudaSuccess) operation.run();
  }
  DeviceMemory::instance().close();
}

void State::run_all() {
  run_until([&] {
    return std::all_of(streams_.begin(), streams_.end(), [](const auto& stream) { return stream->queue.empty(); });
  });
}

cudaError_t launch(dim3 grid, dim3 block, std::size_t shared_bytes, Stream* stream, std::function<void()> thread) {
  auto& state = State::instance();
  const std::lock_guard guard(state.lock);
  if (!state.has(stream)) return state.fail(cudaErrorInvalidResourceHandle, "a launch into a stream that is gone");
  const std::size_t threads = std::size_t{block.x} * block.y * block.z;
  const std::size_t blocks = std::size_t{grid.x} * grid.y * grid.z;
  if (threads == 0 || threads > 1024 || blocks == 0 || grid.y > 65535 || grid.z > 65535 || shared_bytes > 227 * 1024) {
    return state.fail(cudaErrorInvalidConfiguration, "a launch of " + std::to_string(blocks) + " blocks of " +
                                                         std::to_string(threads) + " threads and " +
                                                         std::to_string(shared_bytes) + " bytes");
  }
  ++state.counts.launches;
  state.or_default(stream).queue.push_back({nullptr, [=, &state, thread = std::move(thread)] {
                                              try {
                                                run_grid(state, grid, block, shared_bytes, thread);
                                              } catch (const std::string& what) {
                                                (void)state.fail(cudaErrorLaunchFailure, what);
                                              }
                                            }});
  return cudaSuccess;
}

void set_seed(std::uint64_t seed) {
  auto& state = State::instance();
  const std::lock_guard guard(state.lock);
  state.random.seed(seed);
}

Counts take_counts() {
  auto& state = State::instance();
  const std::lock_guard guard(state.lock);
  return std::exchange(state.counts, {});
}

std::string take_fault() {
  auto& state = State::instance();
  const std::lock_guard guard(state.lock);
  return std::exchange(state.fault, {});
}

std::size_t bytes_in_use() {
  const std::lock_guard guard(State::instance().lock);
  return DeviceMemory::instance().bytes_in_use();
}

void set_capacity(std::size_t bytes) {
  const std::lock_guard guard(State::instance().lock);
  DeviceMemory::instance().capacity = bytes;
}

void set_device_count(int count) {
  const std::lock_guard guard(State::instance().lock);
  State::instance().device_count = count;
}

namespace {

/** The state of the stand-in, and its lock while a call lasts. */
struct Call {
  State& state = State::instance();
  std::lock_guard<std::recursive_mutex> guard{state.lock};
};

/** @return an error of a copy between these, or success, and whether it is to the device or from it */
cudaError_t check_copy(State& state, const void* to, std::size_t to_bytes, const void* from, std::size_t from_bytes,
                       cudaMemcpyKind kind) {
  const auto& device = DeviceMemory::instance();
  const auto& pinned = PinnedMemory::instance();
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (to_device ? !device.holds(to, to_bytes) : device.holds(to, 1)) {
    return state.fail(cudaErrorInvalidValue, "a copy to memory that is not where its kind says, or too short");
  }
  if (from_device ? !device.holds(from, from_bytes) : device.holds(from, 1)) {
    return state.fail(cudaErrorInvalidValue, "a copy from memory that is not where its kind says, or too short");
  }
  if ((!to_device && !pinned.holds(to, to_bytes)) || (!from_device && !pinned.holds(from, from_bytes))) {
    return state.fail(cudaErrorInvalidValue, "an asynchronous copy of memory that is not pinned");
  }
  if (kind == cudaMemcpyHostToDevice) {
    ++state.counts.copies_to_device;
    state.counts.bytes_to_device += from_bytes;
  } else if (kind == cudaMemcpyDeviceToHost) {
    ++state.counts.copies_to_host;
    state.counts.bytes_to_host += from_bytes;
  }
  return cudaSuccess;
}

}  // namespace
}  // namespace cuda_stand_in

using cuda_stand_in::Call;
using cuda_stand_in::check_copy;
using cuda_stand_in::DeviceMemory;
using cuda_stand_in::PinnedMemory;

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorInvalidConfiguration:
      return "cudaErrorInvalidConfiguration";
    case cudaErrorInvalidDevice:
      return "cudaErrorInvalidDevice";
    case cudaErrorNoDevice:
      return "cudaErrorNoDevice";
    case cudaErrorInvalidResourceHandle:
      return "cudaErrorInvalidResourceHandle";
    case cudaErrorNotReady:
      return "cudaErrorNotReady";
    case cudaErrorLaunchFailure:
      return "cudaErrorLaunchFailure";
  }
  return "cudaErrorUnknown";
}
const char* cudaGetErrorString(cudaError_t error) { return cudaGetErrorName(error); }
cudaError_t cudaGetLastError() {
  Call call;
  return std::exchange(call.state.error, cudaSuccess);
}
cudaError_t cudaPeekAtLastError() {
  Call call;
  return call.state.error;
}

cudaError_t cudaGetDeviceCount(int* count) {
  Call call;
  *count = call.state.device_count;
  return *count > 0 ? cudaSuccess : cudaErrorNoDevice;
}
cudaError_t cudaSetDevice(int device) {
  Call call;
  return device >= 0 && device < call.state.device_count ? cudaSuccess : cudaErrorInvalidDevice;
}
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  *value = attribute == cudaDevAttrMultiProcessorCount ? 132 : 227 * 1024;
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  Call call;
  const auto& memory = DeviceMemory::instance();
  *total = memory.capacity;
  *free = memory.capacity - std::min(memory.capacity, memory.bytes_in_use());
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  Call call;
  ++call.state.counts.waits;
  call.state.run_all();
  return call.state.error;
}

cudaError_t cudaMalloc(void** address, std::size_t bytes) {
  Call call;
  *address = DeviceMemory::instance().allocate(bytes);
  if (*address != nullptr) return cudaSuccess;
  return call.state.fail(cudaErrorMemoryAllocation, "no room for " + std::to_string(bytes) + " bytes");
}
cudaError_t cudaFree(void* address) {
  Call call;
  if (address == nullptr) return cudaSuccess;
  // As on a card it waits for all that may use it.
  call.state.run_all();
  if (DeviceMemory::instance().release(address)) return cudaSuccess;
  return call.state.fail(cudaErrorInvalidValue, "memory is given back that is none of the device");
}
cudaError_t cudaHostAlloc(void** address, std::size_t bytes, unsigned) {
  Call call;
  *address = PinnedMemory::instance().allocate(bytes);
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* address) {
  Call call;
  if (address == nullptr) return cudaSuccess;
  call.state.run_all();
  if (PinnedMemory::instance().release(address)) return cudaSuccess;
  return call.state.fail(cudaErrorInvalidValue, "memory is given back that is not pinned");
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind kind, cudaStream_t stream) {
  Call call;
  if (!call.state.has(stream))
    return call.state.fail(cudaErrorInvalidResourceHandle, "a copy in a stream that is gone");
  if (width == 0 || height == 0) return cudaSuccess;
  const auto reach = [&](std::size_t pitch) { return (height - 1) * pitch + width; };
  const auto error = check_copy(call.state, to, reach(to_pitch), from, reach(from_pitch), kind);
  if (error != cudaSuccess) return error;
  call.state.or_default(stream).queue.push_back({nullptr, [=] {
                                                   for (std::size_t row = 0; row < height; ++row) {
                                                     std::memcpy(static_cast<char*>(to) + row * to_pitch,
                                                                 static_cast<const char*>(from) + row * from_pitch,
                                                                 width);
                                                   }
                                                 }});
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return cudaMemcpy2DAsync(to, bytes, from, bytes, bytes, 1, kind, stream);
}
cudaError_t cudaMemsetAsync(void* to, int value, std::size_t bytes, cudaStream_t stream) {
  Call call;
  if (!DeviceMemory::instance().holds(to, bytes)) {
    return call.state.fail(cudaErrorInvalidValue, "memory is set that is not the device's");
  }
  call.state.or_default(stream).queue.push_back({nullptr, [=] { std::memset(to, value, bytes); }});
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  Call call;
  *stream = call.state.add_stream();
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  Call call;
  if (stream == nullptr || !call.state.has(stream)) {
    return call.state.fail(cudaErrorInvalidResourceHandle, "a stream is ended that is none");
  }
  // What it holds still runs.
  call.state.run_until([&] { return stream->queue.empty(); });
  call.state.remove(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  Call call;
  if (!call.state.has(stream))
    return call.state.fail(cudaErrorInvalidResourceHandle, "a wait for a stream that is gone");
  ++call.state.counts.waits;
  auto& queue = call.state.or_default(stream).queue;
  call.state.run_until([&] { return queue.empty(); });
  return call.state.error;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  Call call;
  // Of the records so far: one that was never recorded is no reason to wait.
  const std::size_t wanted = event->recorded;
  call.state.or_default(stream).queue.push_back({[=] { return event->reached >= wanted; }, [] {}});
  return cudaSuccess;
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new cuda_stand_in::Event();
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  Call call;
  call.state.run_until([&] { return event->reached >= event->recorded; });
  call.state.run_all();
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  Call call;
  const std::size_t number = ++event->recorded;
  call.state.or_default(stream).queue.push_back({nullptr, [=] { event->reached = std::max(event->reached, number); }});
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  Call call;
  ++call.state.counts.waits;
  const std::size_t wanted = event->recorded;
  call.state.run_until([&] { return event->reached >= wanted; });
  return call.state.error;
}

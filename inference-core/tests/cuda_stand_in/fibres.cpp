// SPDX-License-Identifier: Apache-2.0
// The threads of a block as fibres of one thread.
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string>

#include "state.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace {
/** What a block of Hopper may have. */
constexpr std::size_t most_shared_bytes = 227 * 1024;
constexpr std::size_t most_threads = 1024;
}  // namespace

double tramontana_shared[most_shared_bytes / sizeof(double)];

namespace cuda_stand_in {
namespace {

constexpr std::size_t stack_bytes = 128 * 1024;

enum class Wait { none, block, warp, ended };

struct Fibre {
  ucontext_t context;
  Wait wait = Wait::none;
  uint3 index;
  void* sanitizer_stack = nullptr;
};

/** The block that runs: one at a time, for there is one lock. */
struct RunningBlock {
  std::vector<Fibre> fibres;
  std::vector<std::unique_ptr<char[]>> stacks;
  ucontext_t scheduler;
  std::size_t current = 0;
  const std::function<void()>* thread = nullptr;
  std::string failure;
  std::array<double, most_threads> exchanged{};
  void* scheduler_sanitizer_stack = nullptr;
  const void* scheduler_bottom = nullptr;
  std::size_t scheduler_size = 0;
};

RunningBlock running;

void to_scheduler(Wait wait) {
  auto& fibre = running.fibres[running.current];
  fibre.wait = wait;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(wait == Wait::ended ? nullptr : &fibre.sanitizer_stack, running.scheduler_bottom,
                                 running.scheduler_size);
#endif
  swapcontext(&fibre.context, &running.scheduler);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fibre.sanitizer_stack, nullptr, nullptr);
#endif
}

void enter() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &running.scheduler_bottom, &running.scheduler_size);
#endif
  try {
    (*running.thread)();
  } catch (const std::exception& error) {
    running.failure = error.what();
  }
  to_scheduler(Wait::ended);
}

void resume(std::size_t index) {
  auto& fibre = running.fibres[index];
  running.current = index;
  threadIdx = fibre.index;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&running.scheduler_sanitizer_stack, running.stacks[index].get(), stack_bytes);
#endif
  swapcontext(&running.scheduler, &fibre.context);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(running.scheduler_sanitizer_stack, nullptr, nullptr);
#endif
}

std::size_t count(Wait wait, std::size_t first, std::size_t last) {
  return static_cast<std::size_t>(std::count_if(running.fibres.begin() + static_cast<std::ptrdiff_t>(first),
                                                running.fibres.begin() + static_cast<std::ptrdiff_t>(last),
                                                [&](const Fibre& fibre) { return fibre.wait == wait; }));
}

void release(Wait wait, std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) {
    if (running.fibres[i].wait == wait) running.fibres[i].wait = Wait::none;
  }
}

/** Opens the barriers at which all threads are. @return whether one was */
bool open_barriers() {
  const std::size_t n = running.fibres.size();
  bool opened = false;
  for (std::size_t first = 0; first < n; first += warpSize) {
    const std::size_t last = std::min(n, first + warpSize);
    if (count(Wait::warp, first, last) == last - first) {
      release(Wait::warp, first, last);
      opened = true;
    }
  }
  if (count(Wait::block, 0, n) == n) {
    release(Wait::block, 0, n);
    opened = true;
  }
  return opened;
}

void run_block(State& state, const std::function<void()>& thread, std::size_t shared_bytes) {
  const std::size_t n = std::size_t{blockDim.x} * blockDim.y * blockDim.z;
  std::fill_n(tramontana_shared, most_shared_bytes / sizeof(double), std::numeric_limits<double>::quiet_NaN());
  running.thread = &thread;
  running.failure.clear();
  running.fibres = std::vector<Fibre>(n);
  while (running.stacks.size() < n) running.stacks.push_back(std::make_unique<char[]>(stack_bytes));
  for (std::size_t i = 0; i < n; ++i) {
    auto& fibre = running.fibres[i];
    const auto linear = static_cast<unsigned>(i);
    fibre.index = {linear % blockDim.x, linear / blockDim.x % blockDim.y, linear / blockDim.x / blockDim.y};
    getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = running.stacks[i].get();
    fibre.context.uc_stack.ss_size = stack_bytes;
    fibre.context.uc_link = nullptr;
    makecontext(&fibre.context, enter, 0);
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (;;) {
    std::shuffle(order.begin(), order.end(), state.random);
    bool has_run = false;
    for (const auto index : order) {
      if (running.fibres[index].wait != Wait::none) continue;
      resume(index);
      has_run = true;
      if (!running.failure.empty()) throw running.failure;
    }
    const std::size_t ended = count(Wait::ended, 0, n);
    if (ended == n) break;
    if (open_barriers() || has_run) continue;
    throw std::string("a block is stuck: ") + std::to_string(ended) + " of " + std::to_string(n) +
        " threads have ended, " + std::to_string(count(Wait::block, 0, n)) + " wait at a barrier of the block, " +
        std::to_string(count(Wait::warp, 0, n)) + " at one of a warp";
  }
  // What lies beyond the shared memory that was asked for is not the block's.
  for (std::size_t i = (shared_bytes + sizeof(double) - 1) / sizeof(double); i < most_shared_bytes / sizeof(double);
       ++i) {
    if (!std::isnan(tramontana_shared[i])) {
      throw "a block wrote to byte " + std::to_string(i * sizeof(double)) + " of its shared memory, it has " +
          std::to_string(shared_bytes);
    }
  }
}

}  // namespace

void run_grid(State& state, dim3 grid, dim3 block, std::size_t shared_bytes, const std::function<void()>& thread) {
  gridDim = grid;
  blockDim = block;
  std::vector<std::size_t> order(std::size_t{grid.x} * grid.y * grid.z);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), state.random);
  for (const auto index : order) {
    const auto linear = static_cast<unsigned>(index);
    blockIdx = {linear % grid.x, linear / grid.x % grid.y, linear / grid.x / grid.y};
    run_block(state, thread, shared_bytes);
  }
}

}  // namespace cuda_stand_in

void __syncthreads() { cuda_stand_in::to_scheduler(cuda_stand_in::Wait::block); }
void __syncwarp(unsigned) { cuda_stand_in::to_scheduler(cuda_stand_in::Wait::warp); }

namespace {
/** The value of another lane, of one of all lanes at a time. */
double exchange(double value, std::size_t lane) {
  using namespace cuda_stand_in;
  const std::size_t own = running.current;
  const std::size_t first = own / warpSize * warpSize;
  running.exchanged[own] = value;
  to_scheduler(Wait::warp);
  const std::size_t from = first + lane;
  const double received = lane < warpSize && from < running.fibres.size() ? running.exchanged[from] : value;
  to_scheduler(Wait::warp);
  return received;
}
std::size_t own_lane() { return cuda_stand_in::running.current % warpSize; }
}  // namespace

double __shfl_down_sync(unsigned, double value, unsigned delta, int width) {
  const std::size_t lane = own_lane();
  const std::size_t from = lane + delta;
  const bool is_in = from / static_cast<std::size_t>(width) == lane / static_cast<std::size_t>(width);
  return exchange(value, is_in ? from : lane);
}
double __shfl_xor_sync(unsigned, double value, int lanes, int) {
  return exchange(value, own_lane() ^ static_cast<std::size_t>(lanes));
}
double __shfl_sync(unsigned, double value, int lane, int width) {
  const auto size = static_cast<std::size_t>(width);
  return exchange(value, own_lane() / size * size + static_cast<std::size_t>(lane) % size);
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

/**
 * A card that is none: CUDA code compiled for the processor, such that what is right on a card is right here and what
 * is wrong gives wrong numbers, errors or a fault.
 *
 * 1. Threads of a block are fibres; between barriers they, and blocks, run in a random order of the seed. A block in
 *    which some threads end while others wait is an error of the launch.
 * 2. Device memory cannot be reached by the host (a fault), begins as NaN, and ends at a guard page.
 * 3. Streams run only when somebody waits for something, in a random order that events allow.
 * 4. Asynchronous copies from or to memory that is not pinned are refused; pinned memory begins as NaN.
 * 5. Launches, library calls, copies and waits are counted.
 *
 * Errors stay until cudaGetLastError(), as on a card; last_fault() says what happened. One lock holds all of it.
 */
namespace cuda_stand_in {

struct Counts {
  std::size_t launches = 0;
  std::size_t library_calls = 0;
  std::size_t copies_to_device = 0;
  std::size_t copies_to_host = 0;
  std::size_t bytes_to_device = 0;
  std::size_t bytes_to_host = 0;
  std::size_t waits = 0;
};

/** Of all orders from now on. */
void set_seed(std::uint64_t seed);
/** Since the last call. */
[[nodiscard]] Counts take_counts();
/** In words, of the first error since the last call; empty where there was none. */
[[nodiscard]] std::string take_fault();
/** Bytes of device memory in use. */
[[nodiscard]] std::size_t bytes_in_use();
/** Bytes that the card has; more are refused. */
void set_capacity(std::size_t bytes);
/** Devices that are found; 0 as on a machine without a card. */
void set_device_count(int count);

}  // namespace cuda_stand_in

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tramontana/errors.hpp"

namespace tramontana {

/** A rank that others wait for has ended. */
class RankLost : public Error {
 public:
  explicit RankLost(int rank)
      : Error("RankLost", "Rank " + std::to_string(rank) + " has ended while others wait for it.",
              {{"rank", static_cast<std::int64_t>(rank)}}) {}
};

/**
 * How messages travel between the ranks of one group: between threads of a process, or by MPI. What is built on
 * messages (Communicator) does not know.
 *
 * Messages from one rank to another arrive in the order in which they were sent. A transport belongs to one thread a
 * rank.
 */
class Transport {
 public:
  virtual ~Transport() = default;

  [[nodiscard]] virtual int rank() const = 0;
  [[nodiscard]] virtual int size() const = 0;
  /** Returns once `message` may be changed; may wait for the receiver. @throws RankLost */
  virtual void send(std::span<const std::byte> message, int to) = 0;
  /** The next message of that rank; waits for it. @throws RankLost when it ended without sending one */
  [[nodiscard]] virtual std::vector<std::byte> receive(int from) = 0;
  /** Of all ranks at once: the group of those with the same color, in the order of key and rank. */
  [[nodiscard]] virtual std::shared_ptr<Transport> split(int color, int key) = 0;
};

}  // namespace tramontana

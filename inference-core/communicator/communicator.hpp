// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "communicator/transport.hpp"

namespace tramontana {

/**
 * A group of ranks that compute one thing together, as a value: copies speak for the same rank of the same group. Made
 * without a transport it is the group of one, for which every call returns at once.
 *
 * Collective calls are made by all ranks in the same order. They are built from messages along a binomial tree that
 * depends on the size of the group alone: the same numbers are summed in the same order whoever is early or late, and
 * all ranks get the same bits.
 */
class Communicator {
 public:
  Communicator() = default;
  explicit Communicator(std::shared_ptr<Transport> transport) : transport_(std::move(transport)) {}

  [[nodiscard]] int rank() const { return transport_ ? transport_->rank() : 0; }
  [[nodiscard]] int size() const { return transport_ ? transport_->size() : 1; }
  [[nodiscard]] bool is_root() const { return rank() == 0; }

  /** Sends numbers to another rank; it receives as many. */
  void send(std::span<const double> values, int to) const;
  /** @throws Error `ProtocolViolation` when as many did not come */
  void receive(std::span<double> values, int from) const;

  /** Sends to another rank what that one receives, and the other way round. */
  void exchange(std::span<const double> own, std::span<double> others, int with) const;

  /** Replaces the values of each rank by their sums over the ranks. log2(size) messages up and as many down. */
  void sum(std::span<double> values) const;
  [[nodiscard]] double sum(double value) const;
  /** The largest over the ranks, of each value. */
  void max(std::span<double> values) const;
  /** The values of rank `root` for all. */
  void broadcast(std::span<double> values, int root = 0) const;
  /** The values of every rank for rank 0, rank by rank; ranks may have different numbers of them. Others get nothing.
   */
  [[nodiscard]] std::vector<std::vector<double>> gather(std::span<const double> values) const;
  /** The same for all. */
  [[nodiscard]] std::vector<std::vector<double>> gather_all(std::span<const double> values) const;

  /** The ranks with the same color as a group of their own, in the order of `key` and rank. */
  [[nodiscard]] Communicator split(int color, int key = 0) const;

  /**
   * Runs a phase that does not communicate, and agrees on its end: where it throws on one rank, it throws the same on
   * all, so that nobody waits for a rank that has left. Of several errors it is that of the lowest rank.
   *
   * @throws what the phase threw there; what is no Error of the engine becomes one on other ranks, `Internal` or
   *         `OutOfMemory`
   */
  void agree(const std::function<void()>& phase) const;

 private:
  using Bytes = std::vector<std::byte>;
  /** Puts the messages of two subtrees together, the one with the lower ranks first. */
  using Merge = std::function<Bytes(Bytes, const Bytes&)>;

  /** Up the tree to rank 0, which has the result. */
  [[nodiscard]] Bytes reduce(Bytes own, const Merge& merge) const;
  /** Down the tree from rank 0. */
  [[nodiscard]] Bytes spread(Bytes message) const;
  /** The parts of all ranks for rank 0, each after its length. */
  [[nodiscard]] Bytes collect(std::span<const double> values) const;
  void combine(std::span<double> values, const std::function<double(double, double)>& operation) const;

  std::shared_ptr<Transport> transport_;
};

}  // namespace tramontana

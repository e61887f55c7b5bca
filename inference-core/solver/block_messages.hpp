// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "communicator/communicator.hpp"
#include "kernels/block_kernels.hpp"

namespace tramontana {

/** Square blocks between ranks, by way of the host: all their entries. */
class BlockMessages {
 public:
  BlockMessages(const BlockKernels& kernels, const Communicator& ranks, std::size_t size)
      : kernels_(kernels), ranks_(ranks), size_(size) {}

  void send(ConstBlockView block, int to) const;
  [[nodiscard]] Block receive(int from) const;
  /** Gives a block to another rank and takes one from it. */
  [[nodiscard]] Block exchange(ConstBlockView block, int with) const;

 private:
  [[nodiscard]] DenseMatrix downloaded(ConstBlockView block) const;
  [[nodiscard]] Block uploaded(const DenseMatrix& matrix) const;

  const BlockKernels& kernels_;
  const Communicator& ranks_;
  std::size_t size_;
};

}  // namespace tramontana

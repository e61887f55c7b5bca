// SPDX-License-Identifier: Apache-2.0
#include "solver/block_messages.hpp"

#include <span>
#include <utility>

namespace tramontana {
namespace {

std::span<const double> numbers(const DenseMatrix& m) { return {m.data(), m.rows() * m.columns()}; }
std::span<double> numbers(DenseMatrix& m) { return {m.data(), m.rows() * m.columns()}; }

}  // namespace

DenseMatrix BlockMessages::downloaded(ConstBlockView block) const {
  DenseMatrix matrix(size_, size_);
  kernels_.download(block, matrix.view());
  return matrix;
}

Block BlockMessages::uploaded(const DenseMatrix& matrix) const {
  auto block = kernels_.allocate(size_, size_);
  kernels_.upload(matrix.view(), block.view());
  return block;
}

void BlockMessages::send(ConstBlockView block, int to) const {
  const auto sent = downloaded(block);
  ranks_.send(numbers(sent), to);
}

Block BlockMessages::receive(int from) const {
  DenseMatrix received(size_, size_);
  ranks_.receive(numbers(received), from);
  return uploaded(received);
}

Block BlockMessages::exchange(ConstBlockView block, int with) const {
  const auto sent = downloaded(block);
  DenseMatrix received(size_, size_);
  ranks_.exchange(numbers(sent), numbers(received), with);
  return uploaded(received);
}

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "communicator/communicator.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "communicator/error_message.hpp"
#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::span<const double> values) {
  const auto bytes = std::as_bytes(values);
  return {bytes.begin(), bytes.end()};
}

void copy_numbers(const Bytes& message, std::span<double> values, int from) {
  if (message.size() != values.size_bytes()) {
    throw Error("ProtocolViolation",
                "Rank " + std::to_string(from) + ": expected " + std::to_string(values.size_bytes()) + " bytes, got " +
                    std::to_string(message.size()) + ".",
                {{"rank", static_cast<std::int64_t>(from)}});
  }
  if (!message.empty()) std::memcpy(values.data(), message.data(), message.size());
}

/** Parts that each begin with their length. */
std::vector<std::vector<double>> parts_of(const Bytes& all) {
  std::vector<std::vector<double>> parts;
  std::size_t at = 0;
  while (at < all.size()) {
    double length = 0.0;
    std::memcpy(&length, all.data() + at, sizeof(length));
    at += sizeof(length);
    auto& part = parts.emplace_back(static_cast<std::size_t>(length));
    if (!part.empty()) std::memcpy(part.data(), all.data() + at, part.size() * sizeof(double));
    at += part.size() * sizeof(double);
  }
  return parts;
}

}  // namespace

void Communicator::send(std::span<const double> values, int to) const { transport_->send(std::as_bytes(values), to); }

void Communicator::receive(std::span<double> values, int from) const {
  copy_numbers(transport_->receive(from), values, from);
}

void Communicator::exchange(std::span<const double> own, std::span<double> others, int with) const {
  // Sending may wait for the receiver: one of the two receives first.
  if (rank() < with) send(own, with);
  receive(others, with);
  if (rank() > with) send(own, with);
}

Bytes Communicator::reduce(Bytes own, const Merge& merge) const {
  for (int distance = 1; distance < size(); distance *= 2) {
    if (rank() % (2 * distance) != 0) {
      transport_->send(own, rank() - distance);
      return {};
    }
    if (rank() + distance < size()) own = merge(std::move(own), transport_->receive(rank() + distance));
  }
  return own;
}

Bytes Communicator::spread(Bytes message) const {
  int distance = 1;
  while (distance < size()) distance *= 2;
  bool has_it = is_root();
  for (distance /= 2; distance > 0; distance /= 2) {
    if (rank() % (2 * distance) == distance && !has_it) {
      message = transport_->receive(rank() - distance);
      has_it = true;
    } else if (rank() % (2 * distance) == 0 && has_it && rank() + distance < size()) {
      transport_->send(message, rank() + distance);
    }
  }
  return message;
}

void Communicator::combine(std::span<double> values, const std::function<double(double, double)>& operation) const {
  if (size() == 1) return;
  const auto merge = [&](Bytes low, const Bytes& high) {
    std::vector<double> a(values.size());
    std::vector<double> b(values.size());
    copy_numbers(low, a, rank());
    copy_numbers(high, b, rank() + 1);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = operation(a[i], b[i]);
    return bytes_of(a);
  };
  copy_numbers(spread(reduce(bytes_of(values), merge)), values, 0);
}

void Communicator::sum(std::span<double> values) const {
  combine(values, [](double a, double b) { return a + b; });
}

double Communicator::sum(double value) const {
  sum(std::span(&value, 1));
  return value;
}

void Communicator::max(std::span<double> values) const {
  combine(values, [](double a, double b) { return std::max(a, b); });
}

void Communicator::broadcast(std::span<double> values, int root) const {
  if (size() == 1) return;
  if (root != 0) {
    if (rank() == root) send(values, 0);
    if (is_root()) receive(values, root);
  }
  copy_numbers(spread(is_root() ? bytes_of(values) : Bytes{}), values, 0);
}

Bytes Communicator::collect(std::span<const double> values) const {
  // Subtrees follow each other in the order of their ranks.
  const auto count = static_cast<double>(values.size());
  Bytes own = bytes_of(std::span(&count, 1));
  const auto part = std::as_bytes(values);
  own.insert(own.end(), part.begin(), part.end());
  return reduce(std::move(own), [](Bytes low, const Bytes& high) {
    low.insert(low.end(), high.begin(), high.end());
    return low;
  });
}

std::vector<std::vector<double>> Communicator::gather(std::span<const double> values) const {
  if (size() == 1) return {{values.begin(), values.end()}};
  return parts_of(collect(values));
}

std::vector<std::vector<double>> Communicator::gather_all(std::span<const double> values) const {
  if (size() == 1) return {{values.begin(), values.end()}};
  return parts_of(spread(collect(values)));
}

Communicator Communicator::split(int color, int key) const {
  return transport_ ? Communicator(transport_->split(color, key)) : *this;
}

void Communicator::agree(const std::function<void()>& phase) const {
  std::exception_ptr own;
  Bytes message;
  try {
    phase();
  } catch (...) {
    own = std::current_exception();
    message = error_message(own);
  }
  if (size() > 1) {
    message = spread(reduce(std::move(message), [](Bytes low, const Bytes& high) { return low.empty() ? high : low; }));
  }
  if (message.empty()) return;
  // Whose error it is keeps it as it was thrown.
  if (own && error_message(own) == message) std::rethrow_exception(own);
  throw_error(message);
}

}  // namespace tramontana

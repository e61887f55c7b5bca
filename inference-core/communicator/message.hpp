// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace tramontana {

/** Puts numbers and vectors of numbers one after the other, for a message between ranks. */
class MessageWriter {
 public:
  void add(double value) { values_.push_back(value); }
  void add(const std::vector<double>& values) {
    add(static_cast<double>(values.size()));
    values_.insert(values_.end(), values.begin(), values.end());
  }
  template <class Part>
  void add_each(const std::vector<Part>& parts) {
    add(static_cast<double>(parts.size()));
    for (const auto& part : parts) add(part);
  }
  [[nodiscard]] std::vector<double> take() { return std::move(values_); }

 private:
  std::vector<double> values_;
};

/** Reads them again in the same order. */
class MessageReader {
 public:
  explicit MessageReader(std::span<const double> values) : values_(values) {}

  [[nodiscard]] bool is_at_end() const { return at_ == values_.size(); }
  [[nodiscard]] double number() { return values_[at_++]; }
  [[nodiscard]] std::size_t count() { return static_cast<std::size_t>(number()); }
  [[nodiscard]] std::vector<double> vector() {
    const auto part = values_.subspan(at_ + 1, static_cast<std::size_t>(values_[at_]));
    at_ += 1 + part.size();
    return {part.begin(), part.end()};
  }
  [[nodiscard]] std::vector<std::vector<double>> vectors() {
    std::vector<std::vector<double>> parts(count());
    for (auto& part : parts) part = vector();
    return parts;
  }

 private:
  std::span<const double> values_;
  std::size_t at_ = 0;
};

}  // namespace tramontana

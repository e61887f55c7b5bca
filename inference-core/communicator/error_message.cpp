// SPDX-License-Identifier: Apache-2.0
#include "communicator/error_message.hpp"

#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string>
#include <utility>

#include "tramontana/errors.hpp"

namespace tramontana {
namespace {

enum class Kind : std::uint8_t { number, integer, text, numbers };

class Writer {
 public:
  void text(const std::string& value) {
    pod(static_cast<std::uint64_t>(value.size()));
    append(std::as_bytes(std::span(value)));
  }
  template <class Value>
  void pod(const Value& value) {
    append(std::as_bytes(std::span(&value, 1)));
  }
  void numbers(const std::vector<double>& values) {
    pod(static_cast<std::uint64_t>(values.size()));
    append(std::as_bytes(std::span(values)));
  }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  void append(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  std::vector<std::byte> bytes_;
};

class Reader {
 public:
  explicit Reader(const std::vector<std::byte>& bytes) : bytes_(bytes) {}
  template <class Value>
  Value pod() {
    Value value{};
    copy(&value, sizeof(value));
    return value;
  }
  std::string text() {
    std::string value(pod<std::uint64_t>(), '\0');
    copy(value.data(), value.size());
    return value;
  }
  std::vector<double> numbers() {
    std::vector<double> values(pod<std::uint64_t>());
    copy(values.data(), values.size() * sizeof(double));
    return values;
  }

 private:
  void copy(void* to, std::size_t count) {
    if (count != 0) std::memcpy(to, bytes_.data() + at_, count);
    at_ += count;
  }
  const std::vector<std::byte>& bytes_;
  std::size_t at_ = 0;
};

std::vector<std::byte> told(const std::string& tag, const std::string& sentence, const Facts& facts) {
  Writer writer;
  writer.text(tag);
  writer.text(sentence);
  writer.pod(static_cast<std::uint64_t>(facts.size()));
  for (const auto& [name, fact] : facts) {
    writer.text(name);
    writer.pod(static_cast<Kind>(fact.index()));
    if (const auto* number = std::get_if<double>(&fact)) writer.pod(*number);
    if (const auto* integer = std::get_if<std::int64_t>(&fact)) writer.pod(*integer);
    if (const auto* text = std::get_if<std::string>(&fact)) writer.text(*text);
    if (const auto* numbers = std::get_if<std::vector<double>>(&fact)) writer.numbers(*numbers);
  }
  return writer.take();
}

Fact read_fact(Reader& reader) {
  switch (reader.pod<Kind>()) {
    case Kind::number:
      return reader.pod<double>();
    case Kind::integer:
      return reader.pod<std::int64_t>();
    case Kind::text:
      return reader.text();
    case Kind::numbers:
      break;
  }
  return reader.numbers();
}

}  // namespace

std::vector<std::byte> error_message(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const Error& known) {
    return told(known.tag(), known.what(), known.facts());
  } catch (const std::bad_alloc&) {
    return told("OutOfMemory", "Another rank ran out of memory.", {});
  } catch (const std::exception& other) {
    return told("Internal", other.what(), {});
  } catch (...) {
    return told("Internal", "Another rank threw what is no exception of the standard library.", {});
  }
}

void throw_error(const std::vector<std::byte>& message) {
  Reader reader(message);
  const auto tag = reader.text();
  const auto sentence = reader.text();
  Facts facts;
  for (auto count = reader.pod<std::uint64_t>(); count > 0; --count) {
    auto name = reader.text();
    facts.emplace_back(std::move(name), read_fact(reader));
  }
  if (tag == "InvalidModel") throw InvalidModel(sentence, std::move(facts));
  if (tag == "NotPositiveDefinite") throw NotPositiveDefinite(sentence, std::move(facts));
  if (tag == "InnerModeNotFound") throw InnerModeNotFound(sentence, std::move(facts));
  if (tag == "NotCompiled") throw NotCompiled(sentence, std::move(facts));
  if (tag == "Interrupted") throw Interrupted();
  throw Error(tag, sentence, std::move(facts));
}

}  // namespace tramontana

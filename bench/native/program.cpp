// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "tramontana/errors.hpp"

namespace tramontana::bench {
namespace {

std::string number_text(double value, int digits) {
  // JSON has no other numbers.
  if (!std::isfinite(value)) return "null";
  char text[40];
  std::snprintf(text, sizeof(text), "%.*g", digits, value);
  return text;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) result += c;
  }
  return result + "\"";
}

template <class Values, class Text>
std::string listed(const Values& values, const Text& text) {
  std::string result = "[";
  for (const auto& value : values) result += (result.size() == 1 ? "" : ", ") + text(value);
  return result + "]";
}

}  // namespace

JsonObject& JsonObject::add(std::string_view name, double value, int digits) {
  return put(name, number_text(value, digits));
}

JsonObject& JsonObject::add(std::string_view name, const std::string& value) { return put(name, quoted(value)); }

JsonObject& JsonObject::add(std::string_view name, const std::vector<double>& values) {
  return put(name, listed(values, [](double value) { return number_text(value, 8); }));
}

JsonObject& JsonObject::add(std::string_view name, const std::vector<JsonObject>& values) {
  return put(name, listed(values, [](const JsonObject& value) { return value.text(); }));
}

JsonObject& JsonObject::put(std::string_view name, const std::string& value) {
  fields_ += (fields_.empty() ? "\"" : ", \"") + std::string(name) + "\": " + value;
  return *this;
}

double Arguments::number(std::string_view name, double fallback) const {
  for (std::size_t i = 1; i + 1 < values_.size(); ++i) {
    if (name != values_[i]) continue;
    char* end = nullptr;
    const double value = std::strtod(values_[i + 1].c_str(), &end);
    if (end == values_[i + 1].c_str() || *end != '\0') {
      throw InvalidModel("The option " + std::string(name) + " must be a number, found \"" + values_[i + 1] + "\".");
    }
    return value;
  }
  return fallback;
}

std::string Arguments::text(std::string_view name, std::string_view fallback) const {
  for (std::size_t i = 1; i + 1 < values_.size(); ++i) {
    if (name == values_[i]) return values_[i + 1];
  }
  return std::string(fallback);
}

int run_program(const char* name, int count, const char* const* arguments, JsonObject (*measure)(const Arguments&)) {
  try {
    std::printf("%s\n", measure(Arguments(count, arguments)).text().c_str());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}

}  // namespace tramontana::bench

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tramontana::bench {

/** One line of JSON, field by field; numbers have six digits, or as many as asked for. */
class JsonObject {
 public:
  JsonObject& add(std::string_view name, double value, int digits = 6);
  JsonObject& add(std::string_view name, int value) { return put(name, std::to_string(value)); }
  JsonObject& add(std::string_view name, std::size_t value) { return put(name, std::to_string(value)); }
  JsonObject& add(std::string_view name, bool value) { return put(name, value ? "true" : "false"); }
  JsonObject& add(std::string_view name, const std::string& value);
  JsonObject& add(std::string_view name, const char* value) { return add(name, std::string(value)); }
  JsonObject& add(std::string_view name, const JsonObject& value) { return put(name, value.text()); }
  JsonObject& add(std::string_view name, const std::vector<double>& values);
  JsonObject& add(std::string_view name, const std::vector<JsonObject>& values);

  [[nodiscard]] std::string text() const { return "{" + fields_ + "}"; }

 private:
  JsonObject& put(std::string_view name, const std::string& value);

  std::string fields_;
};

/** `--name value` options of a program. */
class Arguments {
 public:
  Arguments(int count, const char* const* values) : values_(values, values + count) {}

  /** @throws InvalidModel when the value is not a number */
  [[nodiscard]] double number(std::string_view name, double fallback) const;
  [[nodiscard]] int integer(std::string_view name, int fallback) const {
    return static_cast<int>(number(name, fallback));
  }
  [[nodiscard]] std::string text(std::string_view name, std::string_view fallback) const;

 private:
  std::vector<std::string> values_;
};

/** The main of a measuring program: prints what `measure` answers on standard output, what it throws on the other. */
[[nodiscard]] int run_program(const char* name, int count, const char* const* arguments,
                              JsonObject (*measure)(const Arguments&));

}  // namespace tramontana::bench

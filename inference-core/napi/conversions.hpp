// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <cstdint>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tramontana/engine_model.hpp"
#include "tramontana/errors.hpp"

namespace tramontana::addon {

/** Copies of JavaScript values; `path` names the value in the message of the InvalidModel that is thrown otherwise. */
[[nodiscard]] double number_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] std::int32_t integer_from_js(const Napi::Value& value, const std::string& path);
/** An integer that is not negative. */
[[nodiscard]] std::uint64_t count_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] bool boolean_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] std::string text_from_js(const Napi::Value& value, const std::string& path);
/** A Float64Array, or an array of numbers. */
[[nodiscard]] std::vector<double> doubles_from_js(const Napi::Value& value, const std::string& path);
/** One number each, of an observation or a step: an empty array is none of them, and not the default. */
[[nodiscard]] std::vector<double> one_each_from_js(const Napi::Value& value, const std::string& path,
                                                   std::size_t count);
[[nodiscard]] std::vector<std::int32_t> integers_from_js(const Napi::Value& value, const std::string& path);
[[nodiscard]] bool is_absent(const Napi::Value& value);
/** @throws InvalidModel that the value at `path` is not what is expected */
[[noreturn]] void refuse_value(const std::string& path, const std::string& expectation, const Napi::Value& found);

/** Calls `read` with each element of an array and its path. */
template <class Read>
void for_each_element(const Napi::Value& value, const std::string& path, const Read& read) {
  if (!value.IsArray()) refuse_value(path, "an array", value);
  const auto array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::HandleScope scope(array.Env());
    read(array.Get(i), path + "[" + std::to_string(i) + "]");
  }
}

template <class Choice>
using Choices = std::vector<std::pair<const char*, Choice>>;

/** The choice that a text names. */
template <class Choice>
[[nodiscard]] Choice choice_from_js(const Napi::Value& value, const std::string& path, const Choices<Choice>& choices) {
  const auto text = text_from_js(value, path);
  std::string expected;
  for (const auto& [name, choice] : choices) {
    if (text == name) return choice;
    expected += (expected.empty() ? "'" : ", '") + std::string(name) + "'";
  }
  throw InvalidModel(path + " must be one of " + expected + ", found '" + text + "'.", {{"field", path}});
}

/** An object whose fields are read by name; refuse_others() then finds those that nobody asked for. */
class Fields {
 public:
  /** @throws InvalidModel unless the value is an object */
  Fields(const Napi::Value& value, std::string path);

  [[nodiscard]] Napi::Value Get(const char* name) const;
  [[nodiscard]] std::string path_of(const char* name) const;
  /** A misspelt name is an error, not a default. @throws InvalidModel with the first field that was not read */
  void refuse_others() const;

 protected:
  /** Of an object that is absent. */
  explicit Fields(std::string path) : path_(std::move(path)) {}
  void open(const Napi::Value& value);

 private:
  Napi::Object object_;
  std::string path_;
  mutable std::vector<const char*> known_;
};

/** Options of a call: what is undefined keeps its default; null is a value, and no option takes it. */
class Options : public Fields {
 public:
  /** @throws InvalidModel unless the value is an object, or absent, which is no options at all */
  Options(const Napi::Value& value, const std::string& path);

  /** Reads the field where it is there, with a function like number_from_js. */
  template <class Target, class Read>
  void read(const char* name, Target& target, const Read& read_value) const {
    const Napi::Value value = Get(name);
    if (!value.IsEmpty() && !value.IsUndefined()) target = read_value(value, path_of(name));
  }
  template <class Choice>
  void read_choice(const char* name, Choice& target, const Choices<Choice>& choices) const {
    read(name, target, [&](const Napi::Value& value, const std::string& path) {
      return choice_from_js<Choice>(value, path, choices);
    });
  }
};

[[nodiscard]] Napi::Float64Array doubles_to_js(Napi::Env env, std::span<const double> values);
[[nodiscard]] Napi::Array numbers_to_js(Napi::Env env, std::span<const double> values);

/** A JavaScript error with `.tag` and `.facts`. */
[[nodiscard]] Napi::Error error_to_js(Napi::Env env, const Error& error);

[[nodiscard]] Error out_of_memory();

/** Runs a synchronous call; whatever it throws becomes a JavaScript error, for nothing else may pass Node. */
template <class Call>
auto guarded(Napi::Env env, const Call& call) {
  try {
    return call();
  } catch (const Napi::Error&) {
    throw;
  } catch (const Error& error) {
    throw error_to_js(env, error);
  } catch (const std::bad_alloc&) {
    throw error_to_js(env, out_of_memory());
  } catch (const std::length_error&) {
    // Of a vector that no memory could hold.
    throw error_to_js(env, out_of_memory());
  } catch (const std::exception& error) {
    throw error_to_js(env, Error("Internal", error.what()));
  }
}

}  // namespace tramontana::addon

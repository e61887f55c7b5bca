// SPDX-License-Identifier: Apache-2.0
#include "napi/conversions.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tramontana::addon {
namespace {

template <class Array>
auto copied(const Napi::Value& value) {
  const auto array = value.As<Array>();
  return std::vector(array.Data(), array.Data() + array.ElementLength());
}

/** Neither a function, nor an array, a Map or whatever else has its content elsewhere than in fields. */
bool is_record(const Napi::Value& value) {
  const auto prototype = value.Env().Global().Get("Object").As<Napi::Object>().Get("prototype").As<Napi::Object>();
  const auto text = prototype.Get("toString").As<Napi::Function>().Call(value, {});
  return text.ToString().Utf8Value() == "[object Object]";
}

}  // namespace

void refuse_value(const std::string& path, const std::string& expectation, const Napi::Value& found) {
  const auto type = found.IsUndefined() ? "undefined" : found.IsNull() ? "null" : "a value of another type";
  throw InvalidModel(path + " must be " + expectation + ", found " + type + ".", {{"field", path}});
}

bool is_absent(const Napi::Value& value) { return value.IsUndefined() || value.IsNull(); }

double number_from_js(const Napi::Value& value, const std::string& path) {
  if (!value.IsNumber()) refuse_value(path, "a number", value);
  return value.As<Napi::Number>().DoubleValue();
}

std::int32_t integer_from_js(const Napi::Value& value, const std::string& path) {
  const double number = number_from_js(value, path);
  if (number != std::floor(number) || std::abs(number) > 2147483647.0) {
    throw InvalidModel(path + " must be an integer, found " + std::to_string(number) + ".", {{"field", path}});
  }
  return static_cast<std::int32_t>(number);
}

std::uint64_t count_from_js(const Napi::Value& value, const std::string& path) {
  const auto number = integer_from_js(value, path);
  if (number < 0) {
    throw InvalidModel(path + " must not be negative, found " + std::to_string(number) + ".", {{"field", path}});
  }
  return static_cast<std::uint64_t>(number);
}

bool boolean_from_js(const Napi::Value& value, const std::string& path) {
  if (!value.IsBoolean()) refuse_value(path, "a boolean", value);
  return value.As<Napi::Boolean>().Value();
}

std::string text_from_js(const Napi::Value& value, const std::string& path) {
  if (!value.IsString()) refuse_value(path, "a string", value);
  return value.As<Napi::String>().Utf8Value();
}

std::vector<double> doubles_from_js(const Napi::Value& value, const std::string& path) {
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_float64_array) {
    return copied<Napi::Float64Array>(value);
  }
  if (!value.IsArray()) refuse_value(path, "a Float64Array or an array of numbers", value);
  // Memory follows what is there: a sparse array has its length without having its elements.
  std::vector<double> result;
  for_each_element(value, path, [&](const Napi::Value& element, const std::string& own) {
    result.push_back(number_from_js(element, own));
  });
  return result;
}

std::vector<double> one_each_from_js(const Napi::Value& value, const std::string& path, std::size_t count) {
  auto numbers = doubles_from_js(value, path);
  if (numbers.empty() && count > 0) {
    throw InvalidModel(path + " must have length " + std::to_string(count) + ", found 0.", {{"field", path}});
  }
  return numbers;
}

std::vector<std::int32_t> integers_from_js(const Napi::Value& value, const std::string& path) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array) {
    refuse_value(path, "an Int32Array", value);
  }
  return copied<Napi::Int32Array>(value);
}

Fields::Fields(const Napi::Value& value, std::string path) : path_(std::move(path)) { open(value); }

void Fields::open(const Napi::Value& value) {
  if (!value.IsObject() || !is_record(value)) refuse_value(path_.empty() ? "model" : path_, "an object", value);
  object_ = value.As<Napi::Object>();
}

Napi::Value Fields::Get(const char* name) const {
  if (object_.IsEmpty()) return {};
  known_.push_back(name);
  return object_.Get(name);
}

std::string Fields::path_of(const char* name) const { return path_.empty() ? name : path_ + "." + name; }

void Fields::refuse_others() const {
  if (object_.IsEmpty()) return;
  const auto names = object_.GetPropertyNames();
  for (std::uint32_t i = 0; i < names.Length(); ++i) {
    const auto name = names.Get(i).ToString().Utf8Value();
    const Napi::Value value = object_.Get(name);
    if (value.IsUndefined() || std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string expected;
    for (const char* known : known_) expected += (expected.empty() ? "" : ", ") + std::string(known);
    const bool is_short = value.IsNumber() || value.IsBoolean();
    const auto field = path_of(name.c_str());
    throw InvalidModel(field + " is not known; expected no other fields than " + expected +
                           (is_short ? ", found " + value.ToString().Utf8Value() : std::string()) + ".",
                       {{"field", field}});
  }
}

Options::Options(const Napi::Value& value, const std::string& path) : Fields(path) {
  if (!is_absent(value)) open(value);
}

Napi::Float64Array doubles_to_js(Napi::Env env, std::span<const double> values) {
  auto array = Napi::Float64Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

Napi::Array numbers_to_js(Napi::Env env, std::span<const double> values) {
  auto array = Napi::Array::New(env, values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    array.Set(static_cast<std::uint32_t>(i), Napi::Number::New(env, values[i]));
  }
  return array;
}

Error out_of_memory() { return {"OutOfMemory", "The engine could not allocate the memory it needs."}; }

Napi::Error error_to_js(Napi::Env env, const Error& error) {
  auto result = Napi::Error::New(env, error.what());
  auto facts = Napi::Object::New(env);
  for (const auto& [name, fact] : error.facts()) {
    if (const auto* number = std::get_if<double>(&fact)) {
      facts.Set(name, Napi::Number::New(env, *number));
    } else if (const auto* integer = std::get_if<std::int64_t>(&fact)) {
      facts.Set(name, Napi::Number::New(env, static_cast<double>(*integer)));
    } else if (const auto* text = std::get_if<std::string>(&fact)) {
      facts.Set(name, Napi::String::New(env, *text));
    } else {
      facts.Set(name, numbers_to_js(env, std::get<std::vector<double>>(fact)));
    }
  }
  result.Set("tag", Napi::String::New(env, error.tag()));
  result.Set("facts", facts);
  return result;
}

}  // namespace tramontana::addon

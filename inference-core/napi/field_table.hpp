// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "napi/conversions.hpp"

namespace tramontana::addon {

/** What a field holds, in the words of host-ts/contract/model-fields.ts. */
struct FieldKind {
  std::string kind;
  std::vector<std::string> of;  ///< choices, or the name of a struct or of what a list has
};

/** One field of a struct that JavaScript hands over: the only place in C++ that knows its name. */
template <class Struct>
struct Field {
  using Read = std::function<void(Struct&, const Napi::Value&, const std::string& path)>;

  const char* name;
  FieldKind holds;
  Read read;
  bool is_optional = false;
};

/** A field that may be undefined or null: the struct keeps what it has. */
template <class Struct>
[[nodiscard]] Field<Struct> optional(Field<Struct> field) {
  field.is_optional = true;
  return field;
}

/** All fields of a struct, in the order in which they are read. A name that is none of them is refused. */
template <class Struct>
class FieldTable {
 public:
  FieldTable(const char* name, std::vector<Field<Struct>> fields) : name_(name), fields_(std::move(fields)) {}

  [[nodiscard]] const char* name() const { return name_; }
  [[nodiscard]] const std::vector<Field<Struct>>& fields() const { return fields_; }

  /** @throws InvalidModel naming the first field that is not as the table has it */
  [[nodiscard]] Struct read(const Napi::Value& value, const std::string& path, Struct result = {}) const {
    const Fields object(value, path);
    read_into(object, result);
    object.refuse_others();
    return result;
  }
  /** Of an object of which other fields have been read. */
  void read_into(const Fields& object, Struct& result) const {
    for (const auto& field : fields_) {
      const Napi::Value value = object.Get(field.name);
      if (field.is_optional && is_absent(value)) continue;
      field.read(result, value, object.path_of(field.name));
    }
  }

 private:
  const char* name_;
  std::vector<Field<Struct>> fields_;
};

/** A field that a function like number_from_js() reads. */
template <class Struct, class Member, class Read>
[[nodiscard]] Field<Struct> value_field(const char* name, FieldKind holds, Member Struct::*member, Read read) {
  return {name, std::move(holds), [member, read](Struct& object, const Napi::Value& value, const std::string& path) {
            object.*member = read(value, path);
          }};
}

template <class Struct>
[[nodiscard]] Field<Struct> number(const char* name, double Struct::*member) {
  return value_field(name, {"number", {}}, member, number_from_js);
}

template <class Struct, class Member>
[[nodiscard]] Field<Struct> integer(const char* name, Member Struct::*member) {
  return value_field(name, {"integer", {}}, member, integer_from_js);
}

template <class Struct>
[[nodiscard]] Field<Struct> numbers(const char* name, std::vector<double> Struct::*member) {
  return value_field(name, {"numbers", {}}, member, doubles_from_js);
}

/** One number each of another field that is read before: an empty array is none of them, and not the default. */
template <class Struct, class Other>
[[nodiscard]] Field<Struct> numbers_of_each(const char* name, std::vector<double> Struct::*member,
                                            std::vector<Other> Struct::*each) {
  return {name, {"numbers", {}}, [=](Struct& object, const Napi::Value& value, const std::string& path) {
            object.*member = one_each_from_js(value, path, (object.*each).size());
          }};
}

template <class Struct>
[[nodiscard]] Field<Struct> integers(const char* name, std::vector<std::int32_t> Struct::*member) {
  return value_field(name, {"integers", {}}, member, integers_from_js);
}

template <class Struct, class Choice>
[[nodiscard]] Field<Struct> choice(const char* name, Choice Struct::*member, Choices<Choice> choices) {
  FieldKind holds{"choice", {}};
  for (const auto& [text, unused] : choices) holds.of.emplace_back(text);
  return {name, std::move(holds),
          [member, choices = std::move(choices)](Struct& object, const Napi::Value& value, const std::string& path) {
            object.*member = choice_from_js<Choice>(value, path, choices);
          }};
}

/** @param table  must outlive the field */
template <class Struct, class Member, class Inner>
[[nodiscard]] Field<Struct> structure(const char* name, Member Struct::*member, const FieldTable<Inner>& table) {
  return value_field(name, {"struct", {table.name()}}, member,
                     [&table](const Napi::Value& value, const std::string& path) { return table.read(value, path); });
}

/** A list of structs. */
template <class Element>
[[nodiscard]] std::vector<Element> list_from_js(const Napi::Value& value, const std::string& path,
                                                const FieldTable<Element>& table) {
  std::vector<Element> result;
  for_each_element(value, path, [&](const Napi::Value& element, const std::string& own) {
    result.push_back(table.read(element, own));
  });
  return result;
}

/** A list; `read` gets each element, its path and its index. */
template <class Struct, class Element, class Read>
[[nodiscard]] Field<Struct> list(const char* name, const char* of, std::vector<Element> Struct::*member, Read read) {
  return {name, {"list", {of}}, [member, read](Struct& object, const Napi::Value& value, const std::string& path) {
            for_each_element(value, path, [&](const Napi::Value& element, const std::string& own) {
              (object.*member).push_back(read(element, own, (object.*member).size()));
            });
          }};
}

template <class Struct, class Element>
[[nodiscard]] Field<Struct> list(const char* name, std::vector<Element> Struct::*member,
                                 const FieldTable<Element>& table) {
  return value_field(
      name, {"list", {table.name()}}, member,
      [&table](const Napi::Value& value, const std::string& path) { return list_from_js(value, path, table); });
}

/** A table as JavaScript sees it: {name, kind, of, optional} of each field. */
template <class Struct>
[[nodiscard]] Napi::Array fields_to_js(Napi::Env env, const FieldTable<Struct>& table) {
  auto array = Napi::Array::New(env);
  for (const auto& field : table.fields()) {
    auto object = Napi::Object::New(env);
    object.Set("name", Napi::String::New(env, field.name));
    object.Set("kind", Napi::String::New(env, field.holds.kind));
    auto of = Napi::Array::New(env);
    for (const auto& one : field.holds.of) of.Set(of.Length(), Napi::String::New(env, one));
    object.Set("of", of);
    object.Set("optional", Napi::Boolean::New(env, field.is_optional));
    array.Set(array.Length(), object);
  }
  return array;
}

}  // namespace tramontana::addon

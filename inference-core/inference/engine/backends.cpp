// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "host/host_backend.hpp"
#include "reference/reference_backend.hpp"
#include "tramontana/engine.hpp"

namespace tramontana {
namespace {

template <class Kind>
std::shared_ptr<const Backend> make() {
  return std::make_shared<const Kind>();
}

struct Known {
  std::string_view name;
  std::shared_ptr<const Backend> (*make)();  ///< null: not in this build
};

constexpr std::array<Known, 3> known_backends{
    {{"host", make<HostBackend>}, {"reference", make<ReferenceBackend>}, {"cuda", nullptr}}};

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

const Backend& host_backend() {
  static const HostBackend backend;
  return backend;
}

std::vector<std::string> compiled_backends() {
  std::vector<std::string> names;
  for (const auto& known : known_backends) {
    if (known.make != nullptr) names.emplace_back(known.name);
  }
  return names;
}

std::shared_ptr<const Backend> make_backend(std::string_view name) {
  const auto compiled = joined(compiled_backends());
  std::vector<std::string> all;
  for (const auto& known : known_backends) {
    all.emplace_back(known.name);
    if (known.name != name) continue;
    if (known.make != nullptr) return known.make();
    throw NotCompiled("The backend " + all.back() + " is not in this build of the engine, which has " + compiled + ".",
                      {{"backend", all.back()}, {"compiled", compiled}});
  }
  throw InvalidModel("The backend must be one of " + joined(all) + ", found \"" + std::string(name) + "\".",
                     {{"field", std::string("backend")}, {"found", std::string(name)}});
}

}  // namespace tramontana

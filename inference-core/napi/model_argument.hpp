// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include <memory>
#include <optional>
#include <utility>

#include "napi/conversions.hpp"
#include "napi/model_conversions.hpp"

namespace tramontana::addon {

/** Marks the handles of prepare(): Node and other addons have externals, too, and those are no models. */
inline constexpr napi_type_tag prepared_model_tag{0x9c5e1d0f4b7a42e1, 0x8f36b2d97a0c54e3};

/** A model given to a function of the addon: as an object, or as the handle of one that prepare() has made ready. */
class ModelArgument {
 public:
  /** On the main thread. @throws InvalidModel */
  explicit ModelArgument(const Napi::Value& value) {
    if (value.IsExternal()) {
      const auto handle = value.As<Napi::External<std::shared_ptr<const PreparedModel>>>();
      if (!handle.CheckTypeTag(&prepared_model_tag)) {
        refuse_value("model", "an object, or what prepare() has made of one", value);
      }
      prepared_ = *handle.Data();
    } else {
      model_ = model_from_js(value);
    }
  }

  /** On any thread: the prepared model. @throws InvalidModel */
  [[nodiscard]] std::shared_ptr<const PreparedModel> prepared() {
    if (!prepared_) {
      prepared_ = prepare_model(std::move(*model_), host_backend());
      model_.reset();
    }
    return prepared_;
  }

 private:
  std::optional<EngineModel> model_;
  std::shared_ptr<const PreparedModel> prepared_;
};

}  // namespace tramontana::addon

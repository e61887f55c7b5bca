// SPDX-License-Identifier: Apache-2.0
#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/model_argument.hpp"

namespace tramontana::addon {
namespace {

class PrepareComputation final : public Computation {
 public:
  PrepareComputation(Napi::Env env, ModelArgument model) : Computation(env), model_(std::move(model)) {}

 protected:
  void compute() override { prepared_ = model_.prepared(); }

  Napi::Value result(Napi::Env env) override {
    using Handle = std::shared_ptr<const PreparedModel>;
    auto handle = Napi::External<Handle>::New(env, new Handle(std::move(prepared_)),
                                              [](Napi::Env, Handle* finished) { delete finished; });
    handle.TypeTag(&prepared_model_tag);
    return handle;
  }

 private:
  ModelArgument model_;
  std::shared_ptr<const PreparedModel> prepared_;
};

}  // namespace

Napi::Value prepare(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start(std::make_shared<PrepareComputation>(info.Env(), ModelArgument(info[0])));
  });
}

}  // namespace tramontana::addon

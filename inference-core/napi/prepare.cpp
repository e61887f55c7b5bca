// SPDX-License-Identifier: Apache-2.0
#include "napi/exports.hpp"
#include "napi/model_argument.hpp"
#include "napi/promise_worker.hpp"

namespace tramontana::addon {
namespace {

class PrepareWorker final : public PromiseWorker {
 public:
  PrepareWorker(Napi::Env env, ModelArgument model) : PromiseWorker(env), model_(std::move(model)) {}

 protected:
  void compute() override { prepared_ = model_.prepared(); }

  Napi::Value result(Napi::Env env) override {
    using Handle = std::shared_ptr<const PreparedModel>;
    return Napi::External<Handle>::New(env, new Handle(std::move(prepared_)),
                                       [](Napi::Env, Handle* handle) { delete handle; });
  }

 private:
  ModelArgument model_;
  std::shared_ptr<const PreparedModel> prepared_;
};

}  // namespace

Napi::Value prepare(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    auto* worker = new PrepareWorker(info.Env(), ModelArgument(info[0]));
    const auto promise = worker->promise();
    worker->Queue();
    return promise;
  });
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/model_fields.hpp"
#include "tramontana/engine.hpp"

namespace tramontana::addon {
namespace {

class SpectralBasisComputation final : public Computation {
 public:
  SpectralBasisComputation(Napi::Env env, std::vector<double> c0, CsrMatrix g1)
      : Computation(env), c0_(std::move(c0)), g1_(std::move(g1)) {}

 protected:
  void compute() override { basis_ = tramontana::spectral_basis(c0_, g1_, host_backend()); }

  Napi::Value result(Napi::Env env) override {
    auto object = Napi::Object::New(env);
    object.Set("eigenvalues", doubles_to_js(env, basis_.eigenvalues));
    object.Set("eigenvectors", doubles_to_js(env, basis_.eigenvectors));
    return object;
  }

 private:
  std::vector<double> c0_;
  CsrMatrix g1_;
  SpectralBasis basis_;
};

}  // namespace

Napi::Value spectral_basis(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start(std::make_shared<SpectralBasisComputation>(info.Env(), doubles_from_js(info[0], "c0"),
                                                                         csr_fields().read(info[1], "g1")));
  });
}

}  // namespace tramontana::addon

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "napi/computation.hpp"
#include "napi/fit_conversions.hpp"

namespace tramontana::addon {

/**
 * A search for the mode, by either solver. Calls `on_iteration` after every iteration, in order; every state has been
 * delivered when the promise settles.
 */
class SearchComputation : public Computation {
 protected:
  SearchComputation(Napi::Env env, FitOptions options, std::optional<OptimizerState> resume_from,
                    const Napi::Value& on_iteration)
      : Computation(env), options_(std::move(options)), resume_from_(std::move(resume_from)) {
    set_callback(on_iteration, "onIteration");
  }

  using OnIteration = std::function<void(const OptimizerState&)>;

  /** @param resume_from  null for a search from the start */
  virtual void search(const FitOptions& options, const OptimizerState* resume_from,
                      const OnIteration& on_iteration) = 0;

  void compute() final {
    options_.evaluation = over_world(options_.evaluation);
    search(options_, resume_from_ ? &*resume_from_ : nullptr, [this](const OptimizerState& state) {
      report([state](Napi::Env env) { return std::vector<napi_value>{state_to_js(env, state)}; });
      agree_to_go_on();
    });
  }

 private:
  FitOptions options_;
  std::optional<OptimizerState> resume_from_;
};

}  // namespace tramontana::addon

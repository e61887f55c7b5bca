// SPDX-License-Identifier: Apache-2.0
#include "napi/ranks.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "napi/computation.hpp"
#include "napi/exports.hpp"
#include "napi/world.hpp"

namespace tramontana::addon {
namespace {

/** Changed by join_ranks() and leave_ranks() alone, between which computations of the engine run. */
World& joined_world() {
  static World joined;
  return joined;
}

/** Of evaluations that do not depend on each other; 0: by counting. Set before computations start. */
int& rank_groups() {
  static int groups = 0;
  return groups;
}

class RankMessage : public Computation {
 protected:
  explicit RankMessage(Napi::Env env) : Computation(env) {}
  [[nodiscard]] bool is_agreed_on() const final { return false; }
};

class JoinComputation final : public RankMessage {
 public:
  explicit JoinComputation(Napi::Env env) : RankMessage(env) {}

 protected:
  void compute() override { joined_world() = join_world(); }

  Napi::Value result(Napi::Env env) override {
    auto object = Napi::Object::New(env);
    object.Set("rank", Napi::Number::New(env, world().rank()));
    object.Set("size", Napi::Number::New(env, world().size()));
    object.Set("library", Napi::String::New(env, joined_world().library));
    return object;
  }
};

class LeaveComputation final : public RankMessage {
 public:
  explicit LeaveComputation(Napi::Env env) : RankMessage(env) {}

 protected:
  void compute() override {
    // The communicator first: MPI frees nothing after its end.
    joined_world() = World();
    leave_world();
  }

  Napi::Value result(Napi::Env env) override { return env.Undefined(); }
};

/** The bytes of a text, eight in a number, after their count: numbers are copied as they are. */
std::vector<double> packed(const std::string& text) {
  std::vector<double> numbers(1 + (text.size() + sizeof(double) - 1) / sizeof(double));
  numbers[0] = static_cast<double>(text.size());
  if (!text.empty()) std::memcpy(numbers.data() + 1, text.data(), text.size());
  return numbers;
}

std::string unpacked(const std::vector<double>& numbers) {
  std::string text(static_cast<std::size_t>(numbers[0]), '\0');
  if (!text.empty()) std::memcpy(text.data(), numbers.data() + 1, text.size());
  return text;
}

class GatherComputation final : public RankMessage {
 public:
  GatherComputation(Napi::Env env, std::string text) : RankMessage(env), text_(std::move(text)) {}

 protected:
  void compute() override {
    for (const auto& numbers : world().gather_all(packed(text_))) texts_.push_back(unpacked(numbers));
  }

  Napi::Value result(Napi::Env env) override {
    auto array = Napi::Array::New(env, texts_.size());
    for (std::size_t rank = 0; rank < texts_.size(); ++rank) {
      array.Set(static_cast<std::uint32_t>(rank), Napi::String::New(env, texts_[rank]));
    }
    return array;
  }

 private:
  std::string text_;
  std::vector<std::string> texts_;
};

}  // namespace

const Communicator& world() { return joined_world().communicator; }

EvaluationOptions over_world(EvaluationOptions options) {
  options.ranks = &world();
  options.rank_groups = rank_groups();
  return options;
}

void Agreement::reach(const std::function<void()>& phase) {
  if (is_over_ || world().size() == 1) {
    phase();
    return;
  }
  try {
    world().agree(phase);
  } catch (...) {
    is_over_ = true;
    throw;
  }
}

Napi::Value join_ranks(const Napi::CallbackInfo& info) {
  return guarded(info.Env(),
                 [&]() -> Napi::Value { return Computation::start(std::make_shared<JoinComputation>(info.Env())); });
}

Napi::Value set_rank_groups(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] {
    const int groups = integer_from_js(info[0], "groups");
    if (groups < 0 || groups > world().size()) {
      throw InvalidModel("groups must be from 0 to the number of ranks, " + std::to_string(world().size()) +
                             ", found " + std::to_string(groups) + ".",
                         {{"field", std::string("groups")}});
    }
    rank_groups() = groups;
  });
  return info.Env().Undefined();
}

Napi::Value leave_ranks(const Napi::CallbackInfo& info) {
  return guarded(info.Env(),
                 [&]() -> Napi::Value { return Computation::start(std::make_shared<LeaveComputation>(info.Env())); });
}

Napi::Value gather_texts(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    return Computation::start(std::make_shared<GatherComputation>(info.Env(), text_from_js(info[0], "text")));
  });
}

}  // namespace tramontana::addon

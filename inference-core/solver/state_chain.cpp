// SPDX-License-Identifier: Apache-2.0
#include "solver/state_chain.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <utility>

#include "solver/block_messages.hpp"

namespace tramontana {
namespace {

/** Elementwise relative difference of diagonals of the inverses; the same as that of a steady state. */
constexpr double repaired_tolerance = 1e-13;

/** Of two diagonals. */
bool agree(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) <= repaired_tolerance * std::abs(a[i]))) return false;
  }
  return true;
}

}  // namespace

void StateChain::compute_all() {
  for (std::size_t index = 0; index < length; ++index) {
    states.push_back(kernels->allocate(block_size, block_size));
    const auto before = index > 0 ? state(index - 1) : std::as_const(incoming).view();
    const bool is_cold = index == 0 && incoming.empty();
    log_determinants.push_back(compute(index, is_cold ? nullptr : &before, states.back().view()));
  }
}

bool StateChain::repair() {
  for (std::size_t index = 0; index < length; ++index) {
    auto repaired = kernels->allocate(block_size, block_size);
    const auto before = index > 0 ? state(index - 1) : std::as_const(incoming).view();
    log_determinants[index] = compute(index, &before, repaired.view());
    const bool is_known = agree(kernels->diagonal(repaired.view()), kernels->diagonal(state(index)));
    states[index] = std::move(repaired);
    num_repaired = std::max(num_repaired, index + 1);
    if (is_known) return false;
  }
  return true;
}

void StateChain::attempt(const std::function<void()>& work) {
  if (failure_) return;
  try {
    work();
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void StateChain::pass_on(const Communicator& ranks, bool is_final, bool has_changed) {
  if (!to) return;
  const bool has_state = has_changed && !failure_;
  const std::array<double, 2> header{is_final ? 1.0 : 0.0, has_state ? 1.0 : 0.0};
  ranks.send(header, *to);
  if (has_state) BlockMessages(*kernels, ranks, block_size).send(state(states.size() - 1), *to);
}

void StateChain::run(const Communicator& ranks) {
  if (prepare) attempt(prepare);
  if (length == 0 && !from) return;
  attempt([&] { compute_all(); });
  pass_on(ranks, !from, true);
  for (bool is_final = !from; !is_final;) {
    std::array<double, 2> header{};
    ranks.receive(header, *from);
    is_final = header[0] != 0.0;
    bool has_changed = false;
    if (header[1] != 0.0) {
      incoming = BlockMessages(*kernels, ranks, block_size).receive(*from);
      attempt([&] { has_changed = repair(); });
    }
    if (is_final || has_changed) pass_on(ranks, is_final, has_changed);
  }
}

}  // namespace tramontana

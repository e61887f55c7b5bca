// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "tramontana/errors.hpp"

namespace tramontana {

/** A flag that one thread raises and a long computation on another thread looks at between blocks. */
class CancellationToken {
 public:
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }

  /** @throws Interrupted after cancel(). */
  void throw_if_cancelled() const {
    if (cancelled_.load(std::memory_order_relaxed)) throw Interrupted();
  }

 private:
  std::atomic<bool> cancelled_{false};
};

}  // namespace tramontana

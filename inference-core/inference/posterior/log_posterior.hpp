// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "inference/posterior/posterior.hpp"

namespace tramontana {

/** log p(y | theta) + log p(theta), all constants included. */
[[nodiscard]] double log_posterior(const Posterior& posterior);

}  // namespace tramontana

// SPDX-License-Identifier: Apache-2.0
#include "solver/covariance_groups.hpp"

#include <algorithm>

namespace tramontana {

void CovarianceGroups::emit(std::span<const std::size_t> steps, ConstMatrixView covariance) {
  std::vector<CovarianceLink> links;
  for (const auto step : steps) {
    if (step == 0) continue;
    const auto inverse = filter_.inverse(step - 1);
    const auto* coupling = &sequence_.coupling(step - 1);
    const auto same = std::find_if(links.begin(), links.end(), [&](const CovarianceLink& link) {
      return link.previous_inverse.data == inverse.data && link.coupling == coupling;
    });
    if (same == links.end()) {
      links.push_back({step, 1.0, covariance, inverse, coupling});
    } else {
      same->count += 1.0;
    }
  }
  visit_({steps, covariance, links});
  ++num_groups_;
}

}  // namespace tramontana
